# frozen_string_literal: true

require_relative "connection"

# Loaded once Thin is.
module Pushable
  module Server
    # Where Thin gets its connections, with a bound on how many stay.
    #
    # A connection beyond the bound is not left to hang: it has one request ({Surplus}), a few seconds for it, and a
    # place among {RESERVE} of its kind, of which the oldest has to go. So a publisher gets through, whoever else comes.
    class Listener < Thin::Backends::TcpServer
      RESERVE = 64
      # Seconds without a byte.
      PATIENCE = 10
      # The frame that closes a websocket: the server goes away (1001).
      GOING_AWAY = "\x88\x02\x03\xE9".b.freeze
      private_constant :PATIENCE, :GOING_AWAY

      # How many stay is Thin's `maximum_persistent_connections`: it counts every open connection there.
      #
      # @param options [Hash] those of Thin::Server; of them, key ({PublishKey}), and on_refusal, called for each
      #   connection that is refused
      def initialize(host, port, options)
        super(host, port)
        @key = options.fetch(:key)
        @on_refusal = options.fetch(:on_refusal)
        @surplus = []
      end

      # As Thin does, but for the class of the connections.
      def connect
        @signature = EventMachine.start_server(@host, @port, Connection, &method(:initialize_connection))
        @port, @host = ::Socket.unpack_sockaddr_in(EventMachine.get_sockname(@signature))
        @signature
      end

      # Closes what nobody uses at the moment, once all is written.
      # @return [self]
      def close_idle
        @connections.each_value do |connection|
          connection.close_connection_after_writing unless connection.idle? == false # nil: nothing has come yet
        end
        self
      end

      # Closes the websockets that Faye knows nothing of, as nothing has come through them. Its client opens one while
      # it still polls, and turns to it only when that poll is answered.
      # @return [void]
      def close_websockets
        @connections.each_value do |connection|
          next unless connection.request.websocket?

          connection.send_data(GOING_AWAY)
          connection.close_connection_after_writing
        end
      end

      # Called by a connection that is gone.
      def connection_finished(connection)
        @surplus.delete(connection)
        super
      end

      protected

      def initialize_connection(connection)
        super
        take_for_once(connection) unless connection.can_persist?
      end

      private

      def take_for_once(connection)
        connection.comm_inactivity_timeout = PATIENCE
        connection.app = Surplus.new(@server.app, key: @key, on_refusal: @on_refusal) { leave_time(connection) }
        @surplus.push(connection)
        return if @surplus.size <= RESERVE

        @on_refusal.call
        @surplus.shift.close_connection
      end

      def leave_time(connection)
        connection.comm_inactivity_timeout = 0
        @surplus.delete(connection)
      end
    end
  end
end
