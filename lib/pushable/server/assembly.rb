# frozen_string_literal: true

module Pushable
  module Server
    # Faye with everything around and inside it that is ours, in the order in which a request meets it:
    #
    #   Rack layers   RequestLog (verbose) > Endpoints > Intake > Origins > Sockets > Faye
    #   extensions    Guard > Publishing > SubscriptionLimit > Subscribing > Farewell > FanOut > Faye's own protocol
    #
    # A layer sees whole requests and can refuse what an extension would see too late. An extension sees each message,
    # by whichever transport it came; what it refuses it gives an `error`. It must not raise: that would end the server.
    # Of what leaves it sees the replies, and the messages of a long-poll; those through a socket pass no extension.
    class Assembly
      # Seconds a long-poll or an idle client may stay.
      TIMEOUT = 25

      # @return [Faye::RackAdapter]
      attr_reader :faye
      # @return [Metrics]
      attr_reader :metrics
      # @return [Health]
      attr_reader :health
      # @return [PublishKey]
      attr_reader :key

      # @param options [Options]
      # @param log [Log]
      def initialize(options, log)
        @options = options
        @log = log
        @metrics = Metrics.new
        @health = Health.new
        @key = PublishKey.new(options.secrets)
        @farewell = Farewell.new
        @subscribing = Subscribing.new(options, log, @metrics)
        @history = History.new
        MultiJson.use(JsonAdapter)
        Faye::WebSocket.load_adapter("thin") # before the Rack adapter is made
        @fan_out = FanOut.new
        @sockets = Sockets.new(options.send_buffer, @metrics, log)
        @faye = Faye::RackAdapter.new(mount: MOUNT, timeout: TIMEOUT, extensions:, engine:)
        @sockets.app = @faye
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
        Activity.new(@log, metrics).watch(faye)
        @subscribing.start
        LoopLag.new(metrics, health).watch
        health.check { "leaving" if @farewell.leaving? }
        metrics.gauge(:queue_bytes) { @sockets.waiting_bytes + @fan_out.waiting_bytes }
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
      end

      private

      def extensions
        [Guard.new(longest_poll: TIMEOUT * 1000, metrics:), Publishing.new(key, metrics),
         SubscriptionLimit.new(Limits::SUBSCRIPTIONS, metrics), @subscribing, @farewell, @fan_out, @sockets]
      end

      def engine
        { type: Engine, history: @history, fan_out: @fan_out, sockets: @sockets, metrics: }
      end
    end
  end
end
