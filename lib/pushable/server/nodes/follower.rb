# frozen_string_literal: true

module Pushable
  module Server
    # Reads the stream, in a thread, and hands it to the event loop, one piece after the other: while the loop is busy
    # with one, no other is read. When Redis has been away it goes on from its place; when the place is gone, it starts
    # again.
    class Follower
      # Seconds: how long one look for news lasts, and between two tries while Redis is away.
      WAIT = 1
      FIRST_PAUSE = 0.1
      private_constant :WAIT, :FIRST_PAUSE

      # @return [Stream::Entry, nil] the last one that was read
      attr_reader :place

      # @param stream [Stream]
      # @param reach [Hash] how far back it starts: +seconds+ and +bytes+ ({Stream#recent})
      # @param reader [#forward, #restart] is given entries: those that come next; those to start with
      # @param log [Log]
      def initialize(stream, reach, reader, log)
        @stream = stream
        @reach = reach
        @reader = reader
        @log = log
        @following = false
        @failures = 0
      end

      # Whether it hears what is published now.
      def following?
        @following
      end

      # Tries to start, before the event loop does.
      def open
        resume
      rescue RedisClient::Error => e
        lose(e)
      end

      def start
        Thread.new { loop { follow } }
      end

      private

      def follow
        return resume unless following?

        entries = @stream.after(place, wait: WAIT)
        if entries.empty?
          restart unless @stream.holds?(place)
        else
          next?(entries) ? forward(entries) : restart
        end
      rescue StandardError => e
        lose(e)
        sleep [FIRST_PAUSE * (2**@failures), WAIT].min
      end

      def resume
        restart unless place && @stream.holds?(place)
        in_event_loop { @log.say("Redis is back") } if @failures.positive?
        @failures = 0
        @following = true
      end

      def lose(error)
        in_event_loop { tell(error) } if @failures.zero?
        @failures += 1
        @following = false
      end

      def tell(error)
        return @log.error(error) unless error.is_a?(RedisClient::Error)

        @log.warn("Redis is away (#{error.message}): publishes are refused until it is there")
      end

      # Ids rise, so the ends tell whether some are missing between.
      def next?(entries)
        last = entries.last
        last.epoch == place.epoch && last.seq == place.seq + entries.size
      end

      def forward(entries)
        done = Thread::Queue.new
        EventMachine.next_tick { @reader.forward(entries) { done << true } }
        done.pop
        @place = entries.last
      end

      def restart
        @stream.append([], place) # begins an epoch, if there is none or this one is lost
        entries = @stream.recent(**@reach)
        in_event_loop { @reader.restart(entries) }
        @place = entries.last
      end

      def in_event_loop
        return yield unless EventMachine.reactor_running?

        done = Thread::Queue.new
        EventMachine.next_tick do
          yield
        ensure
          done << true
        end
        done.pop
      end
    end
  end
end
