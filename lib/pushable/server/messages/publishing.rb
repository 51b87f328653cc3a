# frozen_string_literal: true

module Pushable
  module Server
    # Extension that lets nobody publish but who shows the key, in the header of the request: `Authorization: Bearer`.
    class Publishing
      # What begins so Faye never publishes: it is one of its own, or no channel.
      META = "/meta/"
      private_constant :META

      # @param key [PublishKey]
      # @param metrics [Metrics]
      def initialize(key, metrics)
        @key = key
        @metrics = metrics
      end

      # Called by Faye with every message that arrives.
      def incoming(message, request)
        publish(message, request) unless message["channel"].start_with?(META)
      end

      private

      # What comes from inside this process has no request, and is ours.
      def publish(message, request)
        return if request.nil? || @key.may_publish?(request.env)

        @metrics.count(:denied)
        message["error"] ||= "403:#{message["channel"]}:Forbidden"
      end
    end
  end
end
