# frozen_string_literal: true

require "socket"

module Pushable
  module Server
    # Faye on Thin, from the first connection to the last. The order of the steps matters: see the comments.
    class Runner
      FEW_CONNECTIONS = 4096
      # Seconds for the goodbyes to reach the clients.
      GOODBYE = 0.2
      private_constant :FEW_CONNECTIONS, :GOODBYE

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
          leave_on_signals
          announce
        end
      end

      private

      def build
        @assembly = Assembly.new(@options, @log)
        Thin::Logging.silent = true
        @thin = Thin::Server.new(@options.host, @options.port, @assembly.app, signals: false)
        @thin.timeout = 0 # Thin's own 30 s would cut idle websockets; Faye looks after its clients itself
        allow_connections
        use_tls if @tls
      end

      def allow_connections
        most = Process.getrlimit(:NOFILE).last # asking for more than that would get us nothing
        @thin.maximum_connections = [@options.max_connections, most].min
        # Thin counts every open socket here and stops keeping connections alive above it: the publisher's, too.
        @thin.maximum_persistent_connections = @options.max_connections
        @thin.config
        return if @thin.maximum_connections >= FEW_CONNECTIONS

        @log.warn("only #{@thin.maximum_connections} open files are allowed here, and each browser takes one: " \
                  "raise the limit (ulimit -n)")
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

      # A trap may not touch EventMachine, so a thread waits for its word.
      def leave_on_signals
        signals = Thread::Queue.new
        %w[INT TERM].each { |name| trap(name) { signals << name } }
        Thread.new do
          signals.pop
          EventMachine.next_tick { leave }
        end
      end

      def leave
        @assembly.stop
        EventMachine.add_timer(GOODBYE) do
          @thin.stop!
          EventMachine.stop
        end
      end

      def announce
        @log.warn("no secret is set, so every program of this machine may publish") if @options.secrets.empty?
        host = @options.host.include?(":") ? "[#{@options.host}]" : @options.host
        @log.say("Faye is listening on http#{"s" if @tls}://#{host}:#{@thin.port}#{MOUNT} " \
                 "(stop it with Ctrl-C or kill #{Process.pid})")
      end
    end
  end
end
