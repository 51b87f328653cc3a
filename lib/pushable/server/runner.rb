# frozen_string_literal: true

require "socket"

module Pushable
  module Server
    # Faye on Thin, from the first connection to the last. The order of the steps matters: see the comments.
    class Runner
      FEW_CONNECTIONS = 4096
      # Files that may be open beside the clients' connections: those beyond max_connections, Redis', logs.
      OTHER_FILES = 128
      # EventMachine's bound on timers. Faye has up to three for a client: its ping, its poll, its end.
      TIMERS_EACH = 4
      private_constant :FEW_CONNECTIONS, :OTHER_FILES, :TIMERS_EACH

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
        @assembly = Assembly.new(@options, @log)
        Thin::Logging.silent = true
        require_relative "listener"
        @thin = Thin::Server.new(@options.host, @options.port, @assembly.app,
                                 signals: false, backend: Listener, key: @assembly.key, on_refusal: method(:full))
        @thin.timeout = Limits::SILENCE
        allow_connections
        use_tls if @tls
        @assembly.metrics.gauge(:connections) { @thin.backend.size }
      end

      def allow_connections
        allow_files
        files = @thin.maximum_connections
        @most = [@options.max_connections, files - OTHER_FILES].min
        raise CannotStart, "only #{files} open files are allowed here: raise the limit (ulimit -n)" if @most.negative?

        @thin.maximum_persistent_connections = @most
        EventMachine.set_max_timers(TIMERS_EACH * (@most + OTHER_FILES))
        return if @most == @options.max_connections || @most >= FEW_CONNECTIONS

        @log.warn("only #{files} open files are allowed here, and each browser takes one: raise the limit (ulimit -n)")
      end

      # As many as are needed, if the system lets us.
      def allow_files
        now, most = Process.getrlimit(:NOFILE)
        needed = @options.max_connections + OTHER_FILES
        @thin.maximum_connections = needed.clamp(now, most)
        @thin.config
      end

      def full
        @assembly.metrics.count(:denied)
        @log.info("refused a connection: there are #{@most} (max_connections)", kind: "connections refused")
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
                 "for #{@most} connections at most (stop it with Ctrl-C or kill #{Process.pid})")
      end
    end
  end
end
