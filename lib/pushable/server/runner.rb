# frozen_string_literal: true

require "socket"

module Pushable
  module Server
    # Faye on Thin, from the first connection to the last. The order of the steps matters: see the comments.
    class Runner
      # Seconds without a byte in or out, after which a connection is closed. Longer than a long-poll is kept, and than
      # a websocket goes without a ping.
      IDLE = 75
      private_constant :IDLE

      # @param options [Options]
      # @param tls [TLS, nil]
      # @param log [Log]
      def initialize(options, tls, log)
        @options = options
        @tls = tls
        @log = log
      end

      # Serves until INT or TERM.
      #
      # @raise [CannotStart] when the port is taken
      def run
        build
        EventMachine.run do
          listen
          # Only now: earlier it would swallow the error of a taken port.
          EventMachine.error_handler { |exception| @log.error(exception) }
          @assembly.start
          Shutdown.new(@options.drain, @thin.backend, @assembly, @log).on_signals
          announce
        end
      end

      private

      def build
        @limits = Limits.new(@options.max_connections, @log)
        @assembly = Assembly.new(@options, @limits, @log)
        Thin::Logging.silent = true
        require_relative "connections/listener"
        @thin = Thin::Server.new(@options.host, @options.port, @assembly.app,
                                 signals: false, backend: Listener, key: @assembly.key, on_refusal: method(:full),
                                 request_timeout: @options.request_timeout)
        @thin.timeout = [IDLE, @options.ping * 2].max
        @thin.maximum_persistent_connections = @limits.connections
        use_tls if @tls
        @assembly.metrics.gauge(:connections) { @thin.backend.size }
      end

      def full
        @assembly.metrics.count(:denied)
        @log.info("refused a connection: there are #{@limits.connections} (max_connections)",
                  kind: "connections refused")
      end

      def use_tls
        @thin.ssl = true
        @thin.ssl_options = { private_key_file: @tls.key, cert_chain_file: @tls.cert, verify_peer: false }
      end

      def listen
        @thin.start
      rescue RuntimeError
        raise CannotStart, "cannot listen on #{@options.host} port #{@options.port}: #{why_not}"
      end

      # EventMachine does not tell; the system does.
      def why_not
        TCPServer.new(@options.host, @options.port).close
        "try again"
      rescue SystemCallError => e
        SystemCallError.new(e.errno).message
      rescue SocketError
        "not an address or name of this machine"
      end

      def announce
        @log.warn("no secret is set, so every program of this machine may publish") if @options.secrets.empty?
        host = @options.host.include?(":") ? "[#{@options.host}]" : @options.host
        @log.say("Faye is listening on http#{"s" if @tls}://#{host}:#{@thin.port}#{MOUNT}, " \
                 "for #{@limits.connections} connections at most (stop it with Ctrl-C or kill #{Process.pid})")
      end
    end
  end
end
