# frozen_string_literal: true

module Pushable
  module Server
    # Extension that lets nobody publish but who shows the key, in the header of the request: `Authorization: Bearer`.
    # Of what is published, only what subscribers need goes on: not what else the publisher wrote beside it.
    #
    # Without a secret there is no key. Then the server is a developer's own, and whatever runs on that machine may
    # publish; but not the pages of its browser: they may come from anywhere.
    class Publishing
      # A stranger's page can make a browser send any other kind of request without asking first, and a websocket is
      # opened by a GET.
      JSON_TYPE = %r{\Aapplication/json *(;|\z)}
      FORWARDED = %w[channel id data error].freeze
      ALLOWED = "pushable.publish" # where the answer for a whole request is kept
      private_constant :JSON_TYPE, :FORWARDED, :ALLOWED

      # @param secrets [Array<String>] each is as good as the others
      # @param metrics [Metrics]
      def initialize(secrets, metrics)
        @secrets = secrets
        @metrics = metrics
      end

      # Called by Faye with every message that arrives.
      def incoming(message, request, callback)
        publish(message, request) unless Faye::Channel.meta?(message["channel"])
        callback.call(message)
      end

      private

      def publish(message, request)
        message.keep_if { |name, _| FORWARDED.include?(name) }
        return if allowed?(request)

        @metrics.count(:denied)
        message["error"] ||= "403:#{message["channel"]}:Forbidden"
      end

      # What comes from inside this process has no request, and is ours.
      def allowed?(request)
        return true unless request

        request.env.fetch(ALLOWED) { request.env[ALLOWED] = safe?(request.env) && key?(request.env) }
      end

      def safe?(env)
        Faye::WebSocket.websocket?(env) || (env["REQUEST_METHOD"] == "POST" && env["CONTENT_TYPE"]&.match?(JSON_TYPE))
      end

      def key?(env)
        return env["HTTP_ORIGIN"].nil? if @secrets.empty?

        @secrets.any? { |secret| Keys.publish?(env["HTTP_AUTHORIZATION"], secret) }
      end
    end
  end
end
