# frozen_string_literal: true

require "json"
require "net/http"
require "openssl"

# Posts to a Faye server the plain way.
module Bayeux
  module_function

  # @param body [String, Hash, Array] JSON text as it is, or something to make it of
  # @param ca_file [String, nil] path of the certificate to trust
  # @param headers [Hash] more of them
  # @return [Net::HTTPResponse]
  def post(url, body, ca_file: nil, type: "application/json", headers: {}, timeout: 20)
    uri = URI(url)
    body = JSON.generate(body) unless body.is_a?(String)
    options = { use_ssl: uri.scheme == "https", ca_file:, read_timeout: timeout }
    Net::HTTP.start(uri.hostname, uri.port, options) do |http|
      http.post(uri.request_uri, body, { "Content-Type" => type, **headers })
    end
  end

  # @return [Array<Hash>] the replies
  def call(url, messages, **options)
    JSON.parse(post(url, messages, **options).body)
  end

  # @return [Array<Hash>] the replies
  def publish(url, channel, data, **options)
    call(url, [{ "channel" => channel, "id" => rand(1 << 64).to_s(36), "data" => data }], **options)
  end

  # @return [String] the id of a new client
  def handshake(url, **options)
    call(url, [{ "channel" => "/meta/handshake", "version" => "1.0",
                 "supportedConnectionTypes" => ["long-polling"] }], **options).first.fetch("clientId")
  end
end
