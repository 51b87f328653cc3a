# frozen_string_literal: true

require "openssl"

# Tokens and the publish key as the contract on the wire has them, without a line of the gem.
module Tokens
  module_function

  SECRET = "the secret of these specs"

  # @param channel [String] as on the wire
  # @param expiry [Integer, String] seconds since the epoch
  def sign(channel, expiry: Time.now.to_i + 600, secret: SECRET)
    digest = OpenSSL::HMAC.digest("SHA256", secret, "pushable subscribe\n#{channel}\n#{expiry}")
    "v1.#{expiry}.#{[digest].pack("m0").tr("+/", "-_").delete("=")}"
  end

  # @return [Hash] the header of those who may publish
  def publisher(secret = SECRET)
    { "Authorization" => "Bearer #{OpenSSL::HMAC.hexdigest("SHA256", secret, "pushable publish")}" }
  end
end
