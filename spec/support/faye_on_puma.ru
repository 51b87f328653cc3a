# frozen_string_literal: true

$LOAD_PATH.unshift(File.expand_path("../../lib", __dir__))
require "faye"
require "pushable/server/messages/json_adapter"
require_relative "logging_faye"

MultiJson.use(Pushable::Server::JsonAdapter)
Faye::WebSocket.load_adapter("puma")
run Faye::RackAdapter.new(mount: "/faye", timeout: 25)
