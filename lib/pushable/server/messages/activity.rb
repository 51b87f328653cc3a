# frozen_string_literal: true

module Pushable
  module Server
    # Looks on, for the counters and for what verbose=true shows: who subscribes, how much is published, what is
    # refused. An extension of Faye's, the last of all.
    class Activity
      INTERVAL = 1
      CHANNELS_NAMED = 5
      private_constant :INTERVAL, :CHANNELS_NAMED

      # @param log [Log]
      # @param metrics [Metrics]
      def initialize(log, metrics)
        @log = log
        @metrics = metrics
        @subscribers = Hash.new(0)
        @subscriptions = 0
        @published = Hash.new(0)
        @delivered = 0
      end

      # @param faye [Faye::RackAdapter]
      # @return [void]
      def watch(faye)
        faye.on(:subscribe) { |_client, channel| subscribed(channel) }
        faye.on(:unsubscribe) { |_client, channel| unsubscribed(channel) }
        faye.on(:publish) { |_client, channel, data| published(channel, data) }
        @metrics.gauge(:channels) { @subscribers.size }
        JsonAdapter.on_refusal = ->(reason) { malformed(reason) }
        EventMachine.add_periodic_timer(INTERVAL) { report }
      end

      # Called by Faye with every message that leaves.
      def outgoing(message, _request)
        @log.info("refused #{name(message)}: #{message["error"]}", kind: "refused") if message["error"]
      end

      private

      def name(message)
        message["channel"].to_s.empty? ? "a message" : message["channel"]
      end

      def published(channel, data)
        @metrics.count(:published)
        @published[channel] += 1 if @log.verbose?
        @log.debug("#{channel}: #{JsonAdapter.dump(data)}", kind: "published") if @log.debug?
      end

      def malformed(reason)
        @metrics.count(:malformed)
        @log.info("refused a text: #{reason}", kind: "texts refused")
      end

      def subscribed(channel)
        @subscribers[channel] += 1
        @subscriptions += 1
        @log.info("subscribed to #{channel} (#{@subscriptions} in all)", kind: "subscribed")
      end

      def unsubscribed(channel)
        @subscribers.delete(channel) if (@subscribers[channel] -= 1).zero?
        @subscriptions -= 1
        @log.info("unsubscribed from #{channel} (#{@subscriptions} in all)", kind: "unsubscribed")
      end

      def report
        report_published
        @log.catch_up
      end

      # One line a second: at full speed a line for each would cost more than the publishing.
      def report_published
        return if @published.empty?

        named = @published.first(CHANNELS_NAMED).map { |channel, count| "#{channel} (#{count})" }
        others = @published.size - named.size
        named << "#{others} other channels" if others.positive?
        @log.info("published #{@published.values.sum}: #{named.join(", ")}; #{delivered} delivered", kind: "counts")
        @published.clear
      end

      # @return [Integer] since the last line
      def delivered
        before = @delivered
        @delivered = @metrics[:delivered]
        @delivered - before
      end
    end
  end
end
