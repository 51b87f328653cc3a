# frozen_string_literal: true

module Bench
  # Counts what other threads have done. Waiting costs no CPU, which would count as theirs.
  class Counter
    def initialize
      @total = 0
      @awaited = 0
      @lock = Mutex.new
      @changed = ConditionVariable.new
    end

    attr_reader :total

    def increment
      @lock.synchronize do
        @total += 1
        @changed.signal
      end
    end

    # Waits for so many more than were awaited before.
    # @raise [RuntimeError] when the time was over before
    def await(count, seconds: 20)
      deadline = now + seconds
      @lock.synchronize do
        @awaited += count
        while @total < @awaited
          left = deadline - now
          raise "#{@awaited - @total} of #{count} are not done in #{seconds} s" unless left.positive?

          @changed.wait(@lock, left)
        end
      end
    end

    private

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
