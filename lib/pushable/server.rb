# frozen_string_literal: true

module Pushable
  # The Faye server of `rake faye:start`. It stands alone: nothing here needs the C extension, Rails or a database.
  module Server
    # Why the server does not start, in one line for a person. The task prints it and exits with status 1.
    class CannotStart < StandardError
    end

    # Where Faye answers; the path in the `server` of Pushable's configuration.
    MOUNT = "/faye"

    # Their superclasses come with Faye.
    autoload :Engine, File.expand_path("server/delivery/engine", __dir__)
    autoload :Websocket, File.expand_path("server/delivery/websocket", __dir__)

    # Starts the server and stays until INT or TERM.
    #
    # @param options [Options]
    # @raise [CannotStart]
    # @return [void]
    def self.start(options)
      tls = TLS.check(key: options.key, cert: options.cert)
      Dependencies.load(redis: !options.redis.nil?)
      Runner.new(options, tls, Log.new(verbose: options.verbose)).run
    end
  end
end

require_relative "keys"
require_relative "settings_file"
require_relative "server/options/kinds"
require_relative "server/options/options"
require_relative "server/options/sources"
require_relative "server/connections/tls"
require_relative "server/dependencies"
require_relative "server/throttle"
require_relative "server/connections/limits"
require_relative "server/connections/sizes"
require_relative "server/log"
require_relative "server/requests/metrics"
require_relative "server/requests/health"
require_relative "server/requests/loop_lag"
require_relative "server/requests/publish_key"
require_relative "server/messages/json_adapter"
require_relative "server/messages/guard"
require_relative "server/messages/subscription_limit"
require_relative "server/messages/chain"
require_relative "server/messages/publishing"
require_relative "server/messages/leases"
require_relative "server/messages/subscribing"
require_relative "server/requests/origins"
require_relative "server/delivery/delivery"
require_relative "server/delivery/fan_out"
require_relative "server/delivery/socket"
require_relative "server/delivery/event_stream"
require_relative "server/delivery/sockets"
require_relative "server/messages/clients"
require_relative "server/messages/farewell"
require_relative "server/history/json_text"
require_relative "server/history/ring"
require_relative "server/history/history"
require_relative "server/history/replay"
require_relative "server/messages/activity"
require_relative "server/requests/request_log"
require_relative "server/requests/intake"
require_relative "server/requests/endpoints"
require_relative "server/connections/surplus"
require_relative "server/nodes/redis_address"
require_relative "server/nodes/stream"
require_relative "server/nodes/outbox"
require_relative "server/nodes/follower"
require_relative "server/nodes/nodes"
require_relative "server/assembly"
require_relative "server/shutdown"
require_relative "server/runner"
