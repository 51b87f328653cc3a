# frozen_string_literal: true

require "securerandom"

module Pushable
  module Server
    # This server among others with the same `redis=`. What is published at any of them goes into one stream, and from
    # there to the subscribers of each, in the stream's order.
    #
    # The last of the extensions: what the others refuse does not reach the stream, and what does not get there is
    # refused.
    class Nodes
      # Where every page listens, for this alone.
      ALL = "/sync/$all"
      private_constant :ALL

      # @return [Engine]
      attr_writer :engine

      # @param options [Options]
      # @param history [History]
      # @param log [Log]
      # @param fan_out [FanOut]
      def initialize(options, history, fan_out, log)
        @history = history
        @fan_out = fan_out
        @log = log
        config = RedisAddress.config(options.redis)
        length = options.stream_messages
        reach = { seconds: options.replay_seconds, bytes: options.replay_bytes }
        @follower = Follower.new(Stream.new(config, length:), reach, self, log)
        @outbox = Outbox.new(Stream.new(config, length:), log) { @follower.place }
      end

      # Before the event loop runs, so that the first subscriber finds the history that the other servers have.
      def open
        @follower.open
      end

      def start
        @outbox.start
        @follower.start
        @started = true
      end

      # @return [Boolean] whether publishes are taken, and reach the subscribers here
      def available?
        @follower.following?
      end

      # Called by Faye with every message that arrives.
      def incoming(message, _request, callback)
        return callback.call(message) unless publish?(message)

        @outbox.add(JsonAdapter.dump(message)) do |refusal|
          message["error"] = refusal if refusal
          callback.call(message)
        end
      end

      # What comes next in the stream.
      #
      # @param entries [Array<Stream::Entry>]
      # @yield when the subscribers have them: no more is read before
      def forward(entries, &)
        entries.each { |entry| message(entry) { |message| @engine.forward(message) } }
        @fan_out.after(&)
      end

      # Where the stream is now; the way there from where this server was is not known.
      # @param entries [Array<Stream::Entry>]
      def restart(entries)
        first = entries.first
        @history&.restart(first.epoch.to_s(36), Gone.new([first.seq - 1, 0].max, microseconds(first)))
        entries.each { |entry| message(entry) }
        @engine.forward("channel" => ALL, "data" => { "id" => SecureRandom.uuid, "event" => "resync" }) if @started
      end

      private

      # What Faye itself is going to refuse has no place in the stream, either.
      def publish?(message)
        channel = message["channel"]
        !message["error"] && !message["data"].nil? && !Faye::Channel.meta?(channel) &&
          Faye::Grammar::CHANNEL_NAME.match?(channel)
      end

      # Gives an entry's message its place in the history here, which is the stream's.
      def message(entry)
        return unless entry.text

        message = JSON.parse(entry.text, max_nesting: 0)
        @history&.append(message, seq: entry.seq, arrived: microseconds(entry))
        yield message if block_given?
      rescue StandardError => e
        @log.error(e) # and the others come all the same
      end

      def microseconds(entry)
        entry.at * 1000
      end
    end
  end
end
