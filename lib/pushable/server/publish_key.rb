# frozen_string_literal: true

require "openssl"

module Pushable
  module Server
    # Knows whoever shows the key to publish.
    class PublishKey
      BEARER = /\ABearer (.+)\z/i
      private_constant :BEARER

      # @param secrets [Array<String>] a key of each is accepted
      def initialize(secrets)
        @digests = secrets.map { |secret| digest(Keys.publish(secret)) }
      end

      # @param env [Hash] of Rack
      def shown?(env)
        shown = env["HTTP_AUTHORIZATION"]&.slice(BEARER, 1) or return false
        shown = digest(shown)
        @digests.any? { |digest| OpenSSL.fixed_length_secure_compare(digest, shown) }
      end

      private

      # All of one length, which is what a comparison in constant time needs.
      def digest(key)
        OpenSSL::Digest.digest("SHA256", key)
      end
    end
  end
end
