# frozen_string_literal: true

require_relative "database"
require_relative "older_rails"
require "pushable"
require_relative "fidelity/career"
require_relative "fidelity/comparison"
require_relative "fidelity/schema"
require_relative "fidelity/settings"

# Random programs: settings, a table, a class over it and some records, each of which goes through random states. In
# every state Pushable.encode has to say what as_json says, or both have to raise.
#
# A program is drawn from one number, so that it can be run again alone: the first program of SEED is SEED's own, the
# next that of SEED + 1.
class FidelityFuzz
  CAREERS = 10 # records a program
  LONGEST = 8  # states of a record

  # @return [Integer] how many records were compared, and in how many of these comparisons both sides raised
  attr_reader :records, :raised
  # @return [Hash{Symbol => Integer}] the last step before the comparison => how many records
  attr_reader :states
  # @return [Hash{Class => Integer}] what steps were refused with
  attr_reader :refused
  # @return [Hash{String => Array(Integer, String)}] kind => how many there were, and all about the first
  attr_reader :differences

  def initialize(seed)
    @seed = seed
    @programs = @records = @raised = 0
    @states = Hash.new(0)
    @refused = Hash.new(0)
    @differences = {}
  end

  # Runs whole programs until so many records were compared.
  # @yieldparam comparison [Fidelity::Comparison] each
  def run(records, &)
    while @records < records
      Program.new(@seed + @programs, self).run(&)
      @programs += 1
    end
  end

  # @api private
  def compared(comparison, state)
    @records += 1
    @states[state] += 1
    @raised += 1 if comparison.both_raised?
  end

  # @api private
  def differs(kind, about)
    (@differences[kind] ||= [0, about])[0] += 1
  end

  # @return [String] one difference of each kind
  def to_s = @differences.map { |kind, (count, about)| "#{count} times: #{kind}\n#{about}" }.join("\n")

  # What is drawn from one seed.
  class Program
    def initialize(seed, fuzz)
      @seed = seed
      @fuzz = fuzz
      @random = Random.new(seed)
      @values = Fidelity::Values.new(@random)
      @settings = Fidelity::Settings.new(@random)
    end

    def run(&)
      @settings.around do
        @schema = Fidelity::Schema.new(@random, @values)
        tame = @random.rand(2).zero?
        @schema.around { CAREERS.times { career(tame, &) } }
      end
    rescue StandardError
      raise "the program of SEED=#{@seed} broke" # its cause is shown with it
    end

    private

    def career(tame)
      career = Fidelity::Career.new(@random, @values, @schema, @settings, tame: tame)
      career.run(2 + @random.rand(LONGEST - 1)) do
        comparison = Fidelity::Comparison.new(career.record)
        @fuzz.compared(comparison, career.state)
        report(comparison, career) unless comparison.same?
        yield comparison if block_given?
      end
      career.refused.each { |error| @fuzz.refused[error] += 1 }
    end

    def report(comparison, career)
      comparison.differences.each do |kind, about|
        @fuzz.differs(kind, <<~TEXT)
          #{about}
            steps: #{career.steps.join("; ")}
            settings: #{@settings}
            schema: #{@schema}
            again: SEED=#{@seed} RECORDS=1 bin/bench fidelity
        TEXT
      end
    end
  end
end
