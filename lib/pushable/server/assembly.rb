# frozen_string_literal: true

module Pushable
  module Server
    # Faye with everything around and inside it that is ours, in the order in which a request meets it:
    #
    #   Rack layers   RequestLog (verbose) > Endpoints > Intake > Origins > Sockets > Faye
    #   extensions    Guard > Publishing > SubscriptionLimit > Subscribing > Clients > Farewell > Replay > FanOut >
    #                 Activity > Nodes (with redis=) > Faye's own protocol
    #
    # A layer sees whole requests and can refuse what an extension would see too late. An extension sees each message,
    # by whichever transport it came; what it refuses it gives an `error`. It must not raise: that would end the server.
    # Of what leaves it sees the replies, and the messages of a long-poll; those through a socket pass no extension.
    class Assembly
      # Seconds a long-poll or an idle client may stay.
      TIMEOUT = 25
      # How much of what may wait for one client may be a replay.
      REPLAY_SHARE = 2

      # @return [Faye::RackAdapter]
      attr_reader :faye
      # @return [Metrics]
      attr_reader :metrics
      # @return [Health]
      attr_reader :health
      # @return [PublishKey]
      attr_reader :key

      # @param options [Options]
      # @param limits [Limits]
      # @param log [Log]
      def initialize(options, limits, log)
        @options = options
        @log = log
        @metrics = Metrics.new
        @health = Health.new
        @key = PublishKey.new(options.secrets)
        admit(limits)
        deliver
        @faye = adapter
        @sockets.app = @faye
        @nodes&.open
      end

      # @return [#call] what Thin serves
      def app
        layers = Origins.new(@sockets, @options, @log, metrics)
        layers = Endpoints.new(Intake.new(layers, key:, metrics:), health:, metrics:, key:)
        @log.verbose? ? RequestLog.new(layers, @log) : layers
      end

      # Begins what goes on beside the requests; in the event loop's thread, once it runs.
      # @return [void]
      def start
        @activity.watch(faye)
        @subscribing.start
        @metrics.gauge(:queue_bytes) { @sockets.waiting_bytes + @fan_out.waiting_bytes }
        LoopLag.new(metrics, health).watch
        health.check { "leaving" if @farewell.leaving? }
        @nodes&.start
        health.check { "Redis is away" unless @nodes.nil? || @nodes.available? }
      end

      # Sends the clients elsewhere.
      # @return [void]
      def leave
        @farewell.begin
      end

      # Closes every client's socket.
      # @return [void]
      def close
        faye.close
        @sockets.close
      end

      private

      # The parts that look after those who come.
      def admit(limits)
        @clients = Clients.new(limits.clients, metrics)
        @farewell = Farewell.new(@clients)
        @subscribing = Subscribing.new(@options, @log, metrics)
        @activity = Activity.new(@log, metrics)
      end

      # The parts that a message takes on its way to them.
      def deliver
        @history = history
        @fan_out = FanOut.new
        @nodes = Nodes.new(@options, @history, @fan_out, @log) if @options.redis
        @sockets = Sockets.new(most_bytes: @options.send_buffer, ping: @options.ping, metrics:, log: @log)
      end

      def adapter
        MultiJson.use(JsonAdapter)
        Faye::WebSocket.load_adapter("thin") # before the Rack adapter is made
        Faye::RackAdapter.new(mount: MOUNT, timeout: TIMEOUT, extensions: chain, engine:)
      end

      def chain
        Chain.new([Guard.new(longest_poll: TIMEOUT * 1000, metrics:), Publishing.new(key, metrics),
                   SubscriptionLimit.new(Sizes::SUBSCRIPTIONS, metrics), @subscribing, @clients, @farewell, *replay,
                   @fan_out, @sockets, @activity, *@nodes])
      end

      def engine
        { type: Engine, history: @history, fan_out: @fan_out, sockets: @sockets, metrics: @metrics, nodes: @nodes }
      end

      # @return [Replay, nil] nothing is kept where one of its limits is 0
      def replay
        Replay.new(@history, @metrics, limit: @options.send_buffer / REPLAY_SHARE) if @history
      end

      # @return [History, nil]
      def history
        limits = { messages: @options.replay_messages, seconds: @options.replay_seconds, bytes: @options.replay_bytes }
        History.new(**limits) if limits.values.all?(&:positive?)
      end
    end
  end
end
