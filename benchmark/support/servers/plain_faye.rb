# frozen_string_literal: true

# Faye on Thin with nothing around it, on any free port, with Thin's limits out of the way.
#
# Its JSON library is the same as that of `rake faye:start`: MultiJson's own choices are Oj, which makes strings of long
# numbers, or an adapter that breaks with json 3.
require "faye"
require "thin"
require "pushable/server"

MultiJson.use(Pushable::Server::JsonAdapter)
Faye::WebSocket.load_adapter("thin")
Thin::Logging.silent = true
thin = Thin::Server.new("127.0.0.1", 0, Faye::RackAdapter.new(mount: "/faye", timeout: 25, ping: 15))
thin.timeout = 0
thin.maximum_connections = thin.maximum_persistent_connections = 65_536
thin.config
EventMachine.run do
  thin.start
  puts "listening on #{thin.port}"
  $stdout.flush
end
