# frozen_string_literal: true

module Pushable
  module Server
    # Rack layer in front of Faye that tells of each request it refuses as a whole, e.g. a POST without a content type.
    class RequestLog
      def initialize(app, log)
        @app = app
        @log = log
      end

      def call(env)
        response = @app.call(env)
        tell(env, response.first) if response.first >= 400
        response
      end

      private

      def tell(env, status)
        type = " with content type #{env["CONTENT_TYPE"] || "none"}" if env["REQUEST_METHOD"] == "POST"
        @log.info("#{env["REQUEST_METHOD"]} #{env["PATH_INFO"]}#{type} was answered #{status}",
                  kind: "requests refused")
      end
    end
  end
end
