# frozen_string_literal: true

module Pushable
  module Server
    # Knows whoever shows the key to publish.
    class PublishKey
      # A stranger's page can make a browser send a request of any other type without asking first. A websocket is
      # opened by a GET.
      JSON_TYPE = %r{\Aapplication/json *(;|\z)}
      ANSWER = "pushable.may_publish"
      private_constant :JSON_TYPE, :ANSWER

      # @param secrets [Array<String>] the key of each is accepted
      def initialize(secrets)
        @keys = secrets.map { |secret| Keys.publish(secret) }
      end

      # @param env [Hash] of Rack
      def shown?(env)
        Keys.shown?(env["HTTP_AUTHORIZATION"], @keys)
      end

      # Without a secret there is no key. Then the server is a developer's own, and whatever runs on that machine may
      # publish; but not the pages of its browser: they may come from anywhere.
      #
      # @param env [Hash] of Rack; keeps the answer
      def may_publish?(env)
        env.fetch(ANSWER) { env[ANSWER] = safe?(env) && (@keys.empty? ? env["HTTP_ORIGIN"].nil? : shown?(env)) }
      end

      private

      def safe?(env)
        Faye::WebSocket.websocket?(env) || (env["REQUEST_METHOD"] == "POST" && JSON_TYPE.match?(env["CONTENT_TYPE"]))
      end
    end
  end
end
