# frozen_string_literal: true

module Pushable
  module Server
    # Extension that bounds how many channels one client can subscribe to.
    class SubscriptionLimit
      # @param most [Integer]
      # @param metrics [Metrics]
      def initialize(most, metrics)
        @most = most
        @metrics = metrics
        @counts = Hash.new(0)
      end

      # Called by Faye with itself.
      def added(faye)
        faye.engine.bind(:subscribe) { |client| @counts[client] += 1 }
        faye.engine.bind(:unsubscribe) { |client| @counts.delete(client) if (@counts[client] -= 1) < 1 }
      end

      # Called by Faye with every message that arrives.
      def incoming(message, _request)
        refuse(message) if message["channel"] == "/meta/subscribe" && too_many?(message)
      end

      private

      def too_many?(message)
        @counts.fetch(message["clientId"], 0) + Array(message["subscription"]).size > @most
      end

      def refuse(message)
        @metrics.count(:denied)
        message["error"] ||= "403::More than #{@most} subscriptions"
      end
    end
  end
end
