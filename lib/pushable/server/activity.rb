# frozen_string_literal: true

module Pushable
  module Server
    # Looks on, for the counters and for what verbose=true shows: who subscribes, how much is published, what is
    # refused.
    class Activity
      INTERVAL = 1
      CHANNELS_NAMED = 5
      private_constant :INTERVAL, :CHANNELS_NAMED

      # @param log [Log]
      # @param metrics [Metrics]
      def initialize(log, metrics)
        @log = log
        @metrics = metrics
        @subscriptions = 0
        @published = Hash.new(0)
      end

      # @param faye [Faye::RackAdapter]
      # @return [void]
      def watch(faye)
        faye.on(:subscribe) { |_client, channel| subscribed(channel) }
        faye.on(:unsubscribe) { |_client, channel| unsubscribed(channel) }
        faye.on(:publish) { |_client, channel| published(channel) }
        JsonAdapter.on_refusal = ->(reason) { malformed(reason) }
        EventMachine.add_periodic_timer(INTERVAL) { report_published }
      end

      # Called by Faye with every message that leaves.
      def outgoing(message, callback)
        @log.info("refused #{name(message)}: #{message["error"]}") if message["error"]
        callback.call(message)
      end

      private

      def name(message)
        message["channel"].to_s.empty? ? "a message" : message["channel"]
      end

      def published(channel)
        @metrics.count(:published)
        @published[channel] += 1 if @log.verbose?
      end

      def malformed(reason)
        @metrics.count(:malformed)
        @log.info("refused a text: #{reason}")
      end

      def subscribed(channel)
        @subscriptions += 1
        @log.info("subscribed to #{channel} (#{@subscriptions} in all)")
      end

      def unsubscribed(channel)
        @subscriptions -= 1
        @log.info("unsubscribed from #{channel} (#{@subscriptions} in all)")
      end

      # One line a second: at full speed a line for each would cost more than the publishing.
      def report_published
        return if @published.empty?

        named = @published.first(CHANNELS_NAMED).map { |channel, count| "#{channel} (#{count})" }
        others = @published.size - named.size
        named << "#{others} other channels" if others.positive?
        @log.info("published #{@published.values.sum}: #{named.join(", ")}")
        @published.clear
      end
    end
  end
end
