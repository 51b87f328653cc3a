# frozen_string_literal: true

# What the JSON of a record costs, beside to_json, Oj, Panko and a serializer that is Ruby generated for the class.
#
# ROUNDS (default 15) and RECORDS a round (default 100) may be set. The arguments are the kinds of records to take part
# (ten three forty text dates document relative); without any, all do.

require_relative "support/apart"
require_relative "support/comparison"
require_relative "support/difference"
require_relative "support/report"
require_relative "support/serializers"
require_relative "support/settings"
require_relative "support/versions"

module Bench
  # The records of one kind in all states, by all serializers.
  class Serializer
    include Serializers

    OURS = Pushable::WORD
    # A serializer's rows in the table belong to one process, and are compared with ours in that process.
    Row = Struct.new(:serializer, :results) do
      def result(state)
        results.fetch([state, serializer::WORD])
      end

      def ratio(state)
        result(state).cpu / results.fetch([state, OURS]).cpu
      end

      # @return [Hash{String => String}] state => what is wrong with the JSON
      def differences
        States::NAMES.to_h { |state| [state, Difference.between(*result(state).to_a.last(2))] }.compact
      end

      def ours?
        serializer::WORD == OURS
      end
    end

    def initialize(kind, **sizes)
      @kind = kind
      @sizes = sizes
      @prefix = kind == Ten ? "" : "#{kind.word}_"
    end

    # @return [Hash] what Comparison says about Oj.optimize_rails
    def compare_apart
      compare(APART)
    end

    # @param apart [Hash] what {#compare_apart} returned in another process
    def run(apart)
      together = compare(TOGETHER)
      @rows = TOGETHER.map { |serializer| Row.new(serializer, together) }
      @rows << Row.new(OjOptimized, apart)
      print_table
      print_differences
      print_ratios
      print_objects
      puts
    end

    private

    def compare(serializers)
      Database.open(Database::MEMORY)
      Comparison.new(@kind, serializers, **@sizes).run
    end

    def print_table
      header = ["#{@kind.title}, µs a record", *States::NAMES, "objects", "equal"]
      Report.table(header, @rows.map { |row| cells(row) })
    end

    def cells(row)
      costs = States::NAMES.map { |state| cost(row, state) }
      objects = Report.number(row.result("created").objects)
      [row.serializer::TITLE, *costs, objects, row.differences.empty? ? "yes" : "no"]
    end

    def cost(row, state)
      number = Report.number(row.result(state).cpu)
      row.ours? ? number : format("%<number>s (%<ratio>.1f)", number: number, ratio: row.ratio(state))
    end

    def print_differences
      @rows.each do |row|
        row.differences.each { |state, text| puts "DIFFERENCE #{row.serializer::TITLE}, #{state}: #{text}" }
        abort "serializer: what is measured is not what as_json says" if row.ours? && row.differences.any?
      end
    end

    def print_ratios
      States::NAMES.product(@rows.reject(&:ours?)).each do |state, row|
        Report.ratio("#{@prefix}#{state}_#{row.serializer::WORD}_vs_#{OURS}", row.ratio(state))
      end
    end

    def print_objects
      ours = @rows.find(&:ours?)
      States::NAMES.each do |state|
        Report.figure("OBJECTS", "#{@prefix}#{state}", ours.result(state).objects)
      end
    end
  end
end

kinds = ARGV.empty? ? Bench::KINDS : Bench::KINDS.select { |kind| ARGV.include?(kind.word) }
unknown = ARGV - kinds.map(&:word)
abort "serializer: no records of the kind #{unknown.join(", ")}" if unknown.any?

puts Bench::Versions.line("Rails" => ActiveRecord.version, "json" => JSON::VERSION, "Oj" => Oj::VERSION,
                          "Panko" => Panko::VERSION)
puts
sizes = { rounds: Bench::Settings.number("ROUNDS", 15), records: Bench::Settings.number("RECORDS", 100) }
benchmarks = kinds.map { |kind| Bench::Serializer.new(kind, **sizes) }
apart = Bench::Apart.run { benchmarks.map(&:compare_apart) }
benchmarks.zip(apart) { |benchmark, results| benchmark.run(results) }
