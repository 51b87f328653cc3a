# frozen_string_literal: true

module Pushable
  module Server
    # Faye with everything around and inside it that is ours, in the order in which a request meets it:
    #
    #   Rack layers   RequestLog (verbose) > Origins > Faye
    #   extensions    Guard > Subscribing > Faye's own protocol
    #
    # A layer sees whole requests and can refuse what an extension would see too late. An extension sees each message,
    # by whichever transport it came; what it refuses it gives an `error`. It must not raise: that would end the server.
    class Assembly
      # Seconds a long-poll or an idle client may stay, and between two pings of a websocket.
      TIMEOUT = 25
      PING = 15

      # @return [Faye::RackAdapter]
      attr_reader :faye
      # @return [Metrics]
      attr_reader :metrics

      # @param options [Options]
      # @param log [Log]
      def initialize(options, log)
        @options = options
        @log = log
        @metrics = Metrics.new
        @subscribing = Subscribing.new(options, log, @metrics)
        MultiJson.use(JsonAdapter)
        Faye::WebSocket.load_adapter("thin") # before the Rack adapter is made
        @faye = Faye::RackAdapter.new(mount: MOUNT, timeout: TIMEOUT, ping: PING, extensions:)
      end

      # @return [#call] what Thin serves
      def app
        app = Origins.new(faye, @options, @log, @metrics)
        @log.verbose? ? RequestLog.new(app, @log) : app
      end

      # Begins what goes on beside the requests; in the event loop's thread, once it runs.
      # @return [void]
      def start
        Activity.new(@log, @metrics).watch(faye)
        @subscribing.start
      end

      # Says goodbye to every client.
      # @return [void]
      def stop
        faye.close
      end

      private

      def extensions
        [Guard.new(longest_poll: TIMEOUT * 1000), @subscribing]
      end
    end
  end
end
