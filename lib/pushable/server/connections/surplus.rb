# frozen_string_literal: true

module Pushable
  module Server
    # The app as a connection beyond `max_connections` gets it: full, but for publishers and for whoever looks after the
    # server.
    class Surplus
      # Seconds after which a browser may try again.
      LATER = "5"
      FULL = "Too many connections\n"
      private_constant :LATER, :FULL

      # @param key [PublishKey]
      # @param on_refusal [#call]
      # @yield when a publisher is there
      def initialize(app, key:, on_refusal:, &on_publisher)
        @app = app
        @key = key
        @on_refusal = on_refusal
        @on_publisher = on_publisher
      end

      def call(env)
        if @key.shown?(env)
          @on_publisher.call
          @app.call(env)
        elsif Endpoints.asked?(env)
          @app.call(env)
        else
          @on_refusal.call
          [503, { "content-type" => "text/plain; charset=utf-8", "content-length" => FULL.bytesize.to_s,
                  "retry-after" => LATER }, [FULL]]
        end
      end
    end
  end
end
