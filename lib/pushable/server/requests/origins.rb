# frozen_string_literal: true

module Pushable
  module Server
    # Rack layer: which pages may talk to the server, by websocket, EventSource, POST, or after a preflight. A browser
    # says in `Origin` whose page it shows, and no page can change that; who sends none is no page.
    class Origins
      ANY = "*"
      private_constant :ANY

      # @param app [#call]
      # @param options [Options]
      # @param log [Log]
      # @param metrics [Metrics]
      def initialize(app, options, log, metrics)
        @app = app
        @allowed = options.allowed_origins
        @allowed ||= [ANY] unless options.production?
        @log = log
        @metrics = metrics
      end

      def call(env)
        origin = env["HTTP_ORIGIN"]
        return @app.call(env) if origin.nil? || allowed?(origin, env)

        @metrics.count(:denied)
        @log.info("refused the origin #{origin}: #{@allowed ? "it is not in allowed_origins" : "it is another host"}")
        [403, { "Content-Type" => "text/plain; charset=utf-8" }, ["Forbidden origin"]]
      end

      private

      def allowed?(origin, env)
        return same_host?(origin, env) unless @allowed

        @allowed.include?(ANY) || @allowed.include?(origin.downcase)
      end

      # Whatever the port and the scheme: a proxy may end TLS, and the server may have a port of its own. No page can
      # set X-Forwarded-Host either; a proxy does, where it does not hand on Host.
      def same_host?(origin, env)
        host = origin[%r{\Ahttps?://([^/:][^/]*)\z}i, 1] or return false

        [env["HTTP_HOST"], env["HTTP_X_FORWARDED_HOST"]&.[](/[^,]+/)].compact.any? { |own| name(own) == name(host) }
      end

      def name(host)
        host.strip.downcase.sub(/:\d+\z/, "")
      end
    end
  end
end
