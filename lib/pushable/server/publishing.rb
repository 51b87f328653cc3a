# frozen_string_literal: true

module Pushable
  module Server
    # Extension that lets nobody publish but who shows the key, in the header of the request: `Authorization: Bearer`.
    # Of what is published, only what subscribers need goes on: not what else the publisher wrote beside it.
    class Publishing
      FORWARDED = %w[channel id data error].freeze
      private_constant :FORWARDED

      # @param key [PublishKey]
      # @param metrics [Metrics]
      def initialize(key, metrics)
        @key = key
        @metrics = metrics
      end

      # Called by Faye with every message that arrives.
      def incoming(message, request, callback)
        publish(message, request) unless Faye::Channel.meta?(message["channel"])
        callback.call(message)
      end

      private

      # What comes from inside this process has no request, and is ours.
      def publish(message, request)
        message.keep_if { |name, _| FORWARDED.include?(name) }
        return if request.nil? || @key.may_publish?(request.env)

        @metrics.count(:denied)
        message["error"] ||= "403:#{message["channel"]}:Forbidden"
      end
    end
  end
end
