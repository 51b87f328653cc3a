# frozen_string_literal: true

require_relative "bayeux"
require_relative "tokens"

# A client by plain POSTs, for a server that asks for tokens or does not. It is let into a channel of its own: what is
# published there last, after what it must not see, says that it would have seen that by now.
#
#   client = VisitingClient.new(faye.url)
#   client.subscribe("/sync/room", token: …)   # the reply
#   client.sent_of("/sync/room")               # what it is sent when something is published there
class VisitingClient
  attr_reader :id

  # @param options [Hash] of Bayeux.post
  def initialize(url, **options)
    @url = url
    @options = options
    @id = Bayeux.handshake(url, **options)
    @own = "/sync/own_#{rand(1 << 64)}"
    subscribe(@own, token: Tokens.sign(@own))
  end

  # @param ext [Object] instead of one that has pushable in it
  # @return [Hash] the reply
  def subscribe(channel, ext = nil, **pushable)
    message = { "channel" => "/meta/subscribe", "subscription" => channel, "id" => "s" }
    message["ext"] = ext || { "pushable" => pushable } if ext || pushable.any?
    call(message).first
  end

  def unsubscribe(channel)
    call("channel" => "/meta/unsubscribe", "subscription" => channel)
  end

  def leave
    call("channel" => "/meta/disconnect")
  end

  # @return [Hash] the reply
  def publish(channel, data = { "text" => "for #{channel}" })
    message = { "channel" => channel, "id" => rand(1 << 64).to_s(36), "data" => data }
    Bayeux.call(@url, [message], headers: Tokens.publisher, **@options).first
  end

  # Publishes to the channels, and at last to its own.
  #
  # @return [Array<String>] the channels of all it is sent, but its own
  def sent_of(*channels)
    channels.each { |channel| publish(channel) }
    publish(@own)
    received = poll.map { |message| message["channel"] }
    received.delete(@own) or raise "it is not sent what is its own: #{received}"
    received
  end

  # @param timeout [Integer] milliseconds to wait for something
  # @return [Array<Hash>] what waits for it, and what comes then
  def poll(timeout: 0)
    call("channel" => "/meta/connect", "connectionType" => "long-polling", "advice" => { "timeout" => timeout }).drop(1)
  end

  private

  def call(message)
    Bayeux.call(@url, [message.merge("clientId" => id)], **@options)
  end
end
