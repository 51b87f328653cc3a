# frozen_string_literal: true

require "ipaddr"

module Pushable
  module Server
    # Rack layer with what operates the server asks for: `GET /health` and `GET /metrics`. Answered on this machine, and
    # elsewhere to whoever shows the key to publish.
    class Endpoints
      PATHS = %w[/health /metrics].freeze
      METHODS = %w[GET HEAD].freeze
      # Behind a proxy on this machine everybody seems to come from here; but a proxy says whom it brings.
      FORWARDED = %w[HTTP_X_FORWARDED_FOR HTTP_FORWARDED HTTP_X_REAL_IP HTTP_VIA].freeze
      TEXT = "text/plain; charset=utf-8"
      PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
      private_constant :METHODS, :FORWARDED, :TEXT, :PROMETHEUS

      # @return [Boolean] whether the request is for one of them
      def self.asked?(env)
        PATHS.include?(env["PATH_INFO"])
      end

      # @param health [Health]
      # @param metrics [Metrics]
      # @param key [PublishKey]
      def initialize(app, health:, metrics:, key:)
        @app = app
        @health = health
        @metrics = metrics
        @key = key
      end

      def call(env)
        return @app.call(env) unless self.class.asked?(env)
        return answer(403, "Forbidden\n") unless allowed?(env)
        return answer(405, "Method not allowed\n", "allow" => METHODS.join(", ")) unless read?(env)

        env["PATH_INFO"] == "/health" ? health : answer(200, @metrics.to_prometheus, "content-type" => PROMETHEUS)
      end

      private

      def health
        troubles = @health.troubles
        troubles.empty? ? answer(200, "ok\n") : answer(503, troubles.map { |trouble| "#{trouble}\n" }.join)
      end

      def allowed?(env)
        @key.shown?(env) || (FORWARDED.none? { |header| env.key?(header) } && from_here?(env["REMOTE_ADDR"]))
      end

      def from_here?(address)
        IPAddr.new(address.to_s).native.loopback?
      rescue IPAddr::Error
        false
      end

      def read?(env)
        METHODS.include?(env["REQUEST_METHOD"])
      end

      def answer(status, body, headers = {})
        [status, { "content-type" => TEXT, "content-length" => body.bytesize.to_s, "cache-control" => "no-store" }
          .merge(headers), [body]]
      end
    end
  end
end
