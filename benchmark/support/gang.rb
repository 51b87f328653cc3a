# frozen_string_literal: true

module Bench
  # Threads that wait for something to do, so that starting them is not in what is measured.
  class Gang
    # @param size [Integer] threads
    def initialize(size)
      @size = size
      @todo = Thread::Queue.new
      @done = Thread::Queue.new
      size.times { Thread.new { work }.abort_on_exception = true }
    end

    attr_reader :size

    # @param jobs [Array<Proc>] one for each thread; returns when all are done
    # @return [Float] microseconds from the beginning of the first to the end of the last
    def run(jobs)
      jobs.each { |job| @todo << job }
      times = jobs.map { @done.pop }
      times.map(&:last).max - times.map(&:first).min
    end

    private

    def work
      while (job = @todo.pop)
        start = now
        job.call
        @done << [start, now]
      end
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC, :float_microsecond)
    end
  end
end
