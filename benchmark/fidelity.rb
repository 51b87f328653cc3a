# frozen_string_literal: true

# Whether the JSON of random records, in random states and under random settings, is what as_json says.
#
# RECORDS (default 1,000,000) and SEED may be set. Exits with 1 when there was a difference.

require_relative "../spec/support/fidelity_fuzz"
require_relative "support/report"

module Bench
  # Tells about a run of the fuzzer while it goes on, and at its end.
  class Fidelity
    EVERY = 10 # seconds

    def initialize(seed, records)
      @seed = seed
      @wanted = records
      @fuzz = FidelityFuzz.new(seed)
      @shown = 0
    end

    # @return [Boolean] whether there was no difference
    def clean?
      puts "SEED=#{@seed} RECORDS=#{@wanted}"
      @start = @told = now
      @fuzz.run(@wanted) { tell if now - @told > EVERY || @fuzz.differences.size > @shown }
      tell
      summary
      @fuzz.differences.empty?
    end

    private

    def tell
      @told = now
      @fuzz.differences.drop(@shown).each { |kind, (_count, about)| puts "", kind, about, "" }
      @shown = @fuzz.differences.size
      seconds = now - @start
      puts format("%<records>d records, %<differences>d differences, %<seconds>.1f s, %<speed>d records a second",
                  records: @fuzz.records, differences: @fuzz.differences.values.sum(&:first), seconds: seconds,
                  speed: @fuzz.records / seconds)
      $stdout.flush
    end

    def summary
      puts
      Report.table(%w[state records], sorted(@fuzz.states))
      Report.table(["a step was refused with", "times"], sorted(@fuzz.refused))
      Report.table(%w[difference records], sorted(@fuzz.differences.transform_values(&:first)))
      puts "both sides raised in #{@fuzz.raised} of #{@fuzz.records}"
    end

    def sorted(counts) = counts.sort_by { |_name, count| -count }.map { |row| row.map(&:to_s) }
    def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end

number = lambda do |name, default|
  Integer(ENV.fetch(name, default), exception: false) || abort("fidelity: #{name} is a whole number")
end
seed = number.call("SEED", Random.new_seed % 1_000_000_000)
exit Bench::Fidelity.new(seed, number.call("RECORDS", 1_000_000)).clean?
