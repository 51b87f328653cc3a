# frozen_string_literal: true

module Pushable
  module Server
    # Rack layer just before Faye, with what an extension would see too late: requests that are refused as a whole. What
    # passes is what Faye's clients send, and a publisher.
    class Intake
      METHODS = %w[GET HEAD POST OPTIONS].freeze
      # Faye's own pattern is looser, and it remembers each name of a script that it was asked for.
      PATH = %r{\A#{MOUNT}(/[^/]*)*\z}
      SCRIPT = /\.(js|map)\z/
      SCRIPTS = ["#{MOUNT}.js", "#{MOUNT}/client.js", "#{MOUNT}/faye-browser-min.js.map"].freeze
      # Of a POST: what browsers send across hosts has no type of its own but text.
      JSON_TYPE = "application/json"
      TYPES = [JSON_TYPE, "application/x-www-form-urlencoded", "text/plain", ""].freeze
      CLIENT = /\A\w{1,#{Sizes::NAME}}\z/
      LENGTH = "content-length"
      CALLBACK = /\A[a-z_$][\w$]*(\.[a-z_$][\w$]*)*\z/i
      private_constant(*constants(false))

      # @param app [#call]
      # @param key [PublishKey]
      # @param metrics [Metrics]
      def initialize(app, key:, metrics:)
        @app = app
        @key = key
        @metrics = metrics
      end

      def call(env)
        env.delete("HTTP_IF_MODIFIED_SINCE") # Faye stumbles over what is no date; its scripts have ETags
        status, text, headers = refusal(env)
        return with_length(@app.call(env)) unless status

        @metrics.count(:malformed)
        [status, { "content-type" => "text/plain; charset=utf-8", "content-length" => text.bytesize.to_s }
          .merge(headers.to_h), [text]]
      end

      private

      # Faye gives none to what it refuses itself, so its end would be the connection's; which by TLS looks like a cut.
      def with_length(response)
        status, headers, body = response
        return response if status < 400 || headers.keys.any? { |name| LENGTH.casecmp?(name) }

        [status, { **headers, LENGTH => body.sum(&:bytesize).to_s }, body]
      end

      def refusal(env)
        return [405, "Method not allowed", { "allow" => METHODS.join(", ") }] if METHODS.none?(env["REQUEST_METHOD"])
        return [404, "Not found"] unless path?(env["PATH_INFO"])
        return [400, "No host"] if env["HTTP_HOST"].to_s.empty?

        case env["REQUEST_METHOD"]
        when "GET" then refusal_of_get(env)
        when "POST" then refusal_of_post(env)
        end
      end

      def path?(path)
        SCRIPT.match?(path) ? SCRIPTS.include?(path) : PATH.match?(path)
      end

      def refusal_of_get(env)
        return if Faye::WebSocket.websocket?(env)

        if Faye::EventSource.eventsource?(env)
          [400, "No client"] unless CLIENT.match?(env["PATH_INFO"].split("/").last)
        elsif !callback?(env)
          [400, "Bad callback"]
        end
      end

      # What Faye puts before its answer to a <script>; its own pattern looks at one line of it only.
      def callback?(env)
        callback = Rack::Request.new(env).GET.fetch("jsonp", Faye::JSONP_CALLBACK)
        callback.is_a?(String) && callback.length <= Sizes::NAME && CALLBACK.match?(callback)
      rescue StandardError # each version of Rack has exceptions of its own for what it cannot parse
        false
      end

      def refusal_of_post(env)
        type = env["CONTENT_TYPE"].to_s[/\A[^;]*/].strip
        return [415, "Unsupported media type"] unless TYPES.include?(type)

        most = type == JSON_TYPE && @key.may_publish?(env) ? Sizes::BODY : Sizes::STRANGER
        [413, "More than #{most} bytes"] if env["CONTENT_LENGTH"].to_i > most
      end
    end
  end
end
