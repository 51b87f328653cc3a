# frozen_string_literal: true

# Action Cable on Puma, its adapter async: what publishes is in the same process. It is told to by the POSTs that Faye
# takes, and answers them as Faye does. It logs nothing, which flatters it.
require "action_cable/engine"

# Its one channel: a stream by any name.
class BenchChannel < ActionCable::Channel::Base
  def subscribed
    stream_from params[:stream]
  end
end

ActionCable.server.config.tap do |config|
  config.cable = { "adapter" => "async" }
  config.connection_class = -> { ActionCable::Connection::Base }
  config.logger = Logger.new(nil)
  config.disable_request_forgery_protection = true
end

publishing = lambda do |env|
  messages = JSON.parse(env["rack.input"].read)
  replies = messages.map do |message|
    ActionCable.server.broadcast(message["channel"], message["data"])
    { "id" => message["id"], "channel" => message["channel"], "successful" => true }
  end
  [200, { "content-type" => "application/json" }, [JSON.generate(replies)]]
end

run Rack::URLMap.new("/cable" => ActionCable.server, "/faye" => publishing)
