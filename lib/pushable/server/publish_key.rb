# frozen_string_literal: true

module Pushable
  module Server
    # Knows whoever shows the key to publish.
    class PublishKey
      # @param secrets [Array<String>] the key of each is accepted
      def initialize(secrets)
        @secrets = secrets
      end

      # @param env [Hash] of Rack
      def shown?(env)
        @secrets.any? { |secret| Keys.publish?(env["HTTP_AUTHORIZATION"], secret) }
      end
    end
  end
end
