# frozen_string_literal: true

# The machine instructions of a record's JSON, and those that a push adds to create!, update!, touch and a transaction.
#
# A number that hardly depends on what else the machine does, to notice when the gem becomes slower.
#
# With --record the counts that the tests compare with (benchmark/baseline/instructions.json) are counted and written
# anew for this machine, and nothing else is done. RECORDS (default 50) may be set for the others. Needs valgrind
# (bin/setup brings it) and takes about two minutes.

require_relative "support/baseline"
require_relative "support/callgrind"
require_relative "support/guarded"
require_relative "support/report"

module Bench
  # What a push adds to saves of several kinds.
  class Instructions
    WITHOUT = "without"

    def initialize(records)
      @records = records
    end

    def run
      counts = Callgrind.count("instructions_inside.rb", @records)
                        .to_h { |name, count| [name.split, count / @records] }
      operations = counts.keys.map(&:last).uniq
      ways = counts.keys.map(&:first).uniq
      operations.each { |operation| print_table(operation, ways.to_h { |way| [way, counts.fetch([way, operation])] }) }
    end

    private

    def print_table(operation, counts)
      without = counts.fetch(WITHOUT)
      rows = counts.map { |way, count| [way, count.to_s, way == WITHOUT ? "" : (count - without).to_s] }
      Report.table(["#{operation}, instructions a save", "all", "added"], rows)
      counts.except(WITHOUT).each { |way, count| puts "INSTRUCTIONS #{operation}_added_#{way} #{count - without}" }
      puts
    end
  end
end

records = Integer(ENV.fetch("RECORDS", 50), exception: false)
abort "instructions: RECORDS is a positive whole number" unless records&.positive?
abort "instructions: --record is all there is to say" unless [[], ["--record"]].include?(ARGV)

baseline = Bench::Baseline.new
counts = Bench::Guarded.count
counts.each { |name, count| puts "INSTRUCTIONS #{name} #{count}" }
if ARGV.empty?
  puts
  Bench::Instructions.new(records).run
else
  baseline.record(counts)
  puts "recorded for #{baseline.machine}"
end
