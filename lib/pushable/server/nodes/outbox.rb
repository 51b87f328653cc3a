# frozen_string_literal: true

module Pushable
  module Server
    # What was published here and is to get its place in the stream before its publisher is answered. The event loop
    # adds, a thread brings it to Redis: everything that has come meanwhile goes in one round trip.
    #
    # Once Redis has failed, what waits is refused, and for a moment what comes, too: publishers keep it and try again.
    class Outbox
      AT_ONCE = 500
      WAITING = 64 * 1024 * 1024
      FIRST_PAUSE = 0.1
      LONGEST_PAUSE = 1
      # What the gem's own publisher takes for passing.
      REFUSAL = "503::Redis is away"
      private_constant :AT_ONCE, :WAITING, :FIRST_PAUSE, :LONGEST_PAUSE

      # @param stream [Stream]
      # @param log [Log]
      # @yieldreturn [Stream::Entry, nil] the last one that was read from the stream
      def initialize(stream, log, &place)
        @stream = stream
        @log = log
        @place = place
        @fresh = []
        @bytes = 0
        @queue = Thread::Queue.new
        @failures = 0
        @closed_until = 0
      end

      def start
        Thread.new { loop { bring(take) } }
      end

      # In the event loop's thread.
      #
      # @param text [String] a message
      # @yieldparam refusal [String, nil] why it is not in the stream
      def add(text, &answer)
        return answer.call(REFUSAL) if @bytes + text.bytesize > WAITING

        EventMachine.next_tick { flush } if @fresh.empty? # when all of the request have been added
        @bytes += text.bytesize
        @fresh << [text, answer]
      end

      private

      def flush
        @queue << @fresh
        @fresh = []
      end

      def take
        batch = @queue.pop
        batch.concat(@queue.pop) until @queue.empty? || batch.size >= AT_ONCE
        batch
      end

      def bring(batch)
        refusal = closed? ? REFUSAL : append(batch.map(&:first))
        EventMachine.next_tick do
          @bytes -= batch.sum { |text, _| text.bytesize }
          batch.map(&:last).each { |answer| answer.call(refusal) }
        end
      end

      def append(texts)
        @stream.append(texts, @place.call)
        @failures = 0
        nil
      rescue StandardError => e
        EventMachine.next_tick { @log.error(e) } unless e.is_a?(RedisClient::Error) # the follower tells of those
        @closed_until = now + [FIRST_PAUSE * (2**@failures), LONGEST_PAUSE].min
        @failures += 1
        REFUSAL
      end

      def closed?
        now < @closed_until
      end

      def now
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end
  end
end
