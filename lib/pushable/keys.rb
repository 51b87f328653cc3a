# frozen_string_literal: true

require "openssl"

module Pushable
  # What the one secret is good for. Needs neither Rails nor the extension.
  # @api private
  module Keys
    # Version, expiry in seconds since the epoch, signature in base64url.
    TOKEN = /\Av1\.(\d{1,12})\.([A-Za-z0-9_-]{43})\z/
    private_constant :TOKEN

    # Seconds that a token is good for, unless told otherwise.
    DAY = 24 * 60 * 60

    class << self
      # @return [String] what every POST shows, and who shows it may publish; the secret cannot be told from it
      def publish(secret)
        OpenSSL::HMAC.hexdigest("SHA256", secret, "pushable publish")
      end

      # @param authorization [String, nil] the header of that name
      # @param keys [Array<String>]
      # @return [Boolean] whether it shows one of them; how long that takes tells nothing of the keys
      def shown?(authorization, keys)
        return false unless authorization

        key = authorization.b.sub(/\Abearer +/i, "")
        keys.any? { |own| own.bytesize == key.bytesize && OpenSSL.fixed_length_secure_compare(own, key) }
      end

      # @param channel [String] as on the wire
      # @param expiry [Integer] seconds since the epoch
      # @return [String] what a subscription to the channel shows, until then
      def token(secret, channel, expiry)
        "v1.#{expiry}.#{signature(secret, channel, expiry)}"
      end

      # @param token [Object] whatever a stranger sent
      # @param secrets [Array<String>] that may have signed it
      # @return [Integer, nil] the token's expiry, perhaps in the past; nil when it is none of ours for this channel
      def expiry(token, channel, secrets)
        return unless token.is_a?(String) && (match = TOKEN.match(token))

        expiry, signature = match.captures
        signed = secrets.any? do |secret|
          OpenSSL.fixed_length_secure_compare(signature(secret, channel, expiry), signature)
        end
        expiry.to_i if signed
      end

      # As Rails' key generator derives its keys, but not by the application's own: which digest that uses depends on
      # when in the boot it was first asked for, and that is not the same in an application and in its rake tasks.
      #
      # @return [String, nil] the secret of a Rails app that names none: the same in all of its processes
      def of_rails
        application = ::Rails.application if defined?(::Rails) && ::Rails.respond_to?(:application)
        of(application.secret_key_base) if application
      end

      private

      # It takes a millisecond, and is always the same.
      def of(base)
        (@derived ||= {})[base] ||=
          OpenSSL::KDF.pbkdf2_hmac(base, salt: "pushable", iterations: 1000, length: 32, hash: "SHA256").unpack1("H*")
      end

      def signature(secret, channel, expiry)
        digest = OpenSSL::HMAC.digest("SHA256", secret, "pushable subscribe\n#{channel}\n#{expiry}")
        [digest].pack("m0").tr("+/", "-_").delete("=")
      end
    end
  end
end
