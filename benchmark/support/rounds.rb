# frozen_string_literal: true

module Bench
  # Interleaved rounds: A B C A B C ... so that a slow minute of the machine hits every way alike.
  class Rounds
    # Microseconds for one operation: on the clock, and of this process's CPU (all its threads).
    Cost = Struct.new(:wall, :cpu)

    # @param count [Integer] rounds that are measured, after one that warms up
    # @param operations [Integer] how many operations one measured block does
    def initialize(count, operations)
      @count = count
      @operations = operations
      @costs = Hash.new { |costs, name| costs[name] = [] }
    end

    # Calls the block once a round; it calls {#measure} for each way.
    def run(&round)
      round.call
      @costs.clear
      @count.times(&round)
      self
    end

    # @param name [Object] the way
    # @param finish [Proc] what the operations leave to other threads: its CPU counts, waiting for it does not
    def measure(name, finish: nil)
      GC.start # no way pays for the garbage of another
      cpu = clock(Process::CLOCK_PROCESS_CPUTIME_ID)
      wall = clock(Process::CLOCK_MONOTONIC)
      yield
      wall = clock(Process::CLOCK_MONOTONIC) - wall
      finish&.call
      cpu = clock(Process::CLOCK_PROCESS_CPUTIME_ID) - cpu
      @costs[name] << Cost.new(wall / @operations, cpu / @operations)
    end

    # What was measured elsewhere.
    # @param wall [Float] microseconds for one operation, and @param cpu [Float] the same of CPU
    def note(name, wall, cpu = nil)
      @costs[name] << Cost.new(wall, cpu)
    end

    # @param kind [Symbol] :wall or :cpu
    # @return [Sample] the cost of one way
    def cost(name, kind)
      Sample.new(@costs.fetch(name).map(&kind))
    end

    # @return [Sample] what one way costs more than another, round by round
    def added(name, base, kind)
      pairs = @costs.fetch(name).zip(@costs.fetch(base))
      Sample.new(pairs.map { |with, without| with[kind] - without[kind] })
    end

    private

    def clock(id)
      Process.clock_gettime(id, :float_microsecond)
    end
  end

  # The same thing measured several times.
  class Sample
    def initialize(values)
      @values = values.sort
    end

    def median
      quantile(0.5)
    end

    # @param share [Float] of the values that lie below it
    def quantile(share)
      place = share * (@values.size - 1)
      lower = @values[place.floor]
      lower + ((@values[place.ceil] - lower) * (place - place.floor))
    end

    # @return [Range] where the middle half of the measurements lies
    def middle
      quantile(0.25)..quantile(0.75)
    end

    # @return [Boolean] whether a quarter of the rounds saw no difference at all, or the opposite one
    def noise?
      middle.begin <= 0
    end
  end
end
