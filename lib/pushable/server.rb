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
    autoload :Engine, File.expand_path("server/engine", __dir__)
    autoload :Websocket, File.expand_path("server/websocket", __dir__)

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
require_relative "server/kinds"
require_relative "server/options"
require_relative "server/sources"
require_relative "server/tls"
require_relative "server/dependencies"
require_relative "server/throttle"
require_relative "server/limits"
require_relative "server/sizes"
require_relative "server/log"
require_relative "server/metrics"
require_relative "server/health"
require_relative "server/loop_lag"
require_relative "server/publish_key"
require_relative "server/json_adapter"
require_relative "server/guard"
require_relative "server/subscription_limit"
require_relative "server/chain"
require_relative "server/publishing"
require_relative "server/leases"
require_relative "server/subscribing"
require_relative "server/origins"
require_relative "server/delivery"
require_relative "server/fan_out"
require_relative "server/socket"
require_relative "server/event_stream"
require_relative "server/sockets"
require_relative "server/clients"
require_relative "server/farewell"
require_relative "server/json_text"
require_relative "server/ring"
require_relative "server/history"
require_relative "server/replay"
require_relative "server/activity"
require_relative "server/request_log"
require_relative "server/intake"
require_relative "server/endpoints"
require_relative "server/surplus"
require_relative "server/redis_address"
require_relative "server/stream"
require_relative "server/outbox"
require_relative "server/follower"
require_relative "server/nodes"
require_relative "server/assembly"
require_relative "server/shutdown"
require_relative "server/runner"
