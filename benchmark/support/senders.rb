# frozen_string_literal: true

require_relative "anycable"
require_relative "bodies"
require_relative "clients"
require_relative "limit"

module Bench
  # Those that bring messages to a server, as alike as they can be: what they bring is ready before the clock runs, and
  # it stops when all is acknowledged. Limit is one more.
  module Senders
    # A turn of a sender has three parts, of which `deliver` is measured.
    class Sender
      # @param messages [Integer]
      # @param batch [Integer] of these to a request
      # @return [Array(Float, Float)] microseconds on the clock, and of this process's CPU
      def turn(messages, batch)
        prepare(messages, batch)
        GC.start # no way pays for the garbage of another
        before = clocks
        deliver
        after = clocks
        check(messages, batch)
        after.zip(before).map { |late, early| late - early }
      end

      private

      def clocks
        [Process::CLOCK_MONOTONIC, Process::CLOCK_PROCESS_CPUTIME_ID].map do |clock|
          Process.clock_gettime(clock, :float_microsecond)
        end
      end

      def require_equal(due, actual)
        abort "#{$PROGRAM_NAME}: #{self.class}: #{due} is due, it was #{actual}" unless due == actual
      end
    end

    # The gem's courier. Its queue is filled during a pause, so that every batch is as large as it may be. How large, is
    # not for an application to say: inside.c makes it less than a hundred.
    class Gem < Sender
      TITLE = "the gem"
      WORD = "gem"

      def initialize(url, object)
        super()
        @object = object
        Pushable.configure do |config|
          config.server = url
          config.queue_messages = 1_000_000
          config.queue_bytes = 1_000_000_000
        end
      end

      private

      def prepare(messages, batch)
        Pushable::Inside.most_messages = batch
        @before = counts
        Pushable.pause
        messages.times { Pushable::Inside.push(Bodies::CHANNEL, @object) }
      end

      def deliver
        Pushable.resume
        Pushable.flush(60) || abort("#{$PROGRAM_NAME}: not delivered in 60 s: #{Pushable.stats}")
      end

      # Where a server is so slow that the courier takes smaller batches, the batch is not what the table says.
      def check(messages, batch)
        grown = counts.merge(@before) { |_name, after, before| after - before }
        require_equal({ delivered: messages, dropped: 0, rejected: 0, retries: 0 }, grown.except(:batches))
        return if grown[:batches] <= messages / batch * 1.1

        abort "#{$PROGRAM_NAME}: #{messages} messages took #{grown[:batches]} requests: this machine is too busy"
      end

      def counts
        Pushable.stats.slice(:delivered, :dropped, :rejected, :retries, :batches)
      end
    end

    # One of the clients, in Ruby. What it was answered is looked at when the clock has stopped.
    class Client < Sender
      def initialize(client, url, object)
        super()
        @client = client.new(url)
        @bodies = Bodies.new(client::WORD, object)
      end

      private

      def prepare(messages, batch)
        @texts = @bodies.take(messages, batch)
      end

      def deliver
        @answers = @texts.map { |text| @client.post(text) }
      end

      def check(messages, _batch)
        require_equal(messages, @answers.sum { |answer| answer.scan('"successful":true').size })
      end
    end

    # AnyCable does not say what has become of a message: the sink does. Its JSON is made while the clock runs.
    class AnyCable < Sender
      def initialize(sink, object)
        super()
        @sink = sink
        @object = object
        @broadcasts = AnyCableBroadcasts.new(sink.anycable_url)
      end

      private

      def prepare(messages, batch)
        @payloads = Array.new(messages, @object)
        @batch = batch
        @due = @sink.count + messages
      end

      def deliver
        @broadcasts.broadcast("bench", @payloads, @batch)
        @sink.await(@due)
      end

      def check(_messages, _batch); end
    end
  end
end
