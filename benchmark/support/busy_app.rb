# frozen_string_literal: true

require "json"
require_relative "bodies"
require_relative "posting_thread"

module Bench
  # Puma with four threads that are never without a request: each computes in Ruby, waits as for a database, and pushes
  # two messages. Their objects say when they were pushed.
  class BusyApp
    THREADS = 4
    TURNS = 3 # of computing and waiting in a request
    WAITING = 0.01 # seconds
    COMPUTING = 2000 # microseconds of CPU: four threads want two thirds of the time that Ruby's lock has
    MESSAGES = 2

    # One of three ways to push: not at all.
    class Nobody
      TITLE = "no push"
      WORD = "none"
      MESSAGES = 0

      def initialize(_url, _name); end

      def push(_thread); end

      def drain(_count); end
    end

    # The gem.
    class Gem
      TITLE = "the gem"
      WORD = "gem"
      MESSAGES = BusyApp::MESSAGES

      def initialize(url, _name)
        Pushable.configure { |config| config.server = url }
      end

      def push(_thread)
        Pushable.publish("bench", { sent: BusyApp.now })
      end

      def drain(_count)
        Pushable.flush(20) || raise("not delivered in 20 s: #{Pushable.stats}")
      end
    end

    # A Ruby thread with a queue.
    class ByHand
      TITLE = "a Ruby thread with a queue"
      WORD = "thread"
      MESSAGES = BusyApp::MESSAGES

      def initialize(url, name)
        @thread = PostingThread.new(url)
        @bodies = Array.new(THREADS) { |number| Bodies.new("#{name}-#{number}") }
      end

      def push(thread)
        @thread << @bodies[thread].message(JSON.generate({ sent: BusyApp.now }))
      end

      def drain(count)
        @thread.await(count)
      end
    end

    WAYS = [Nobody, Gem, ByHand].freeze

    # @return [Integer] how often to compute for COMPUTING microseconds
    def self.calibrate
      samples = Array.new(9) do
        start = Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID, :float_microsecond)
        100.times { compute }
        Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID, :float_microsecond) - start
      end
      (COMPUTING * 100 / samples.min).ceil
    end

    def self.compute
      JSON.parse(JSON.generate({ "name" => "Ann", "tags" => %w[a b c], "numbers" => [1, 2.5, nil] }))
    end

    # @return [Integer] microseconds of the monotonic clock
    def self.now
      Process.clock_gettime(Process::CLOCK_MONOTONIC, :microsecond)
    end

    # @param work [Integer] from {calibrate}
    def initialize(way, work)
      @way = way
      @work = work
    end

    # @return [Array<Integer>] how many microseconds each request took, when all messages are delivered
    def serve(seconds)
      stop = self.class.now + (seconds * 1_000_000)
      requests = Array.new(THREADS) { |thread| Thread.new { serve_until(stop, thread) } }.flat_map(&:value)
      @way.drain(requests.size * @way.class::MESSAGES)
      requests
    end

    private

    def serve_until(stop, thread)
      requests = []
      while (start = self.class.now) < stop
        request(thread)
        requests << (self.class.now - start)
      end
      requests
    end

    def request(thread)
      TURNS.times do
        @work.times { self.class.compute }
        sleep WAITING
      end
      @way.class::MESSAGES.times { @way.push(thread) }
    end
  end
end
