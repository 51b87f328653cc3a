# frozen_string_literal: true

require_relative "connection"

# Loaded once Thin is.
module Pushable
  module Server
    # Where Thin gets its connections, with bounds on how many stay, and how long they may say nothing.
    #
    # A connection beyond the bound is not left to hang: it has one request ({Surplus}), a few seconds for it, and a
    # place among {RESERVE} of its kind, of which the oldest has to go. So a publisher gets through, whoever else comes.
    class Listener < Thin::Backends::TcpServer
      RESERVE = 64
      # Seconds without a byte.
      PATIENCE = 10
      # How often a request that does not come is looked at.
      LOOKS = 6.0
      private_constant :PATIENCE, :LOOKS

      # How many stay is Thin's `maximum_persistent_connections`: it counts every open connection there.
      #
      # @param options [Hash] those of Thin::Server; of them, key ({PublishKey}), on_refusal, called for each connection
      #   that is refused, and request_timeout, seconds
      def initialize(host, port, options)
        super(host, port)
        @key = options.fetch(:key)
        @on_refusal = options.fetch(:on_refusal)
        @surplus = []
        @request_timeout = options.fetch(:request_timeout)
        @begun = {}.compare_by_identity
      end

      # As Thin does, but for the class of the connections.
      def connect
        EventMachine.add_periodic_timer([@request_timeout / LOOKS, 1].min) { close_late }
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

      # Of a request that has not come whole in time, be it that nothing comes, that TLS is not agreed upon, or that a
      # byte comes now and then.
      def close_late
        now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
        before = @begun
        @begun = {}.compare_by_identity
        @connections.each_value do |connection|
          next if connection.idle? || connection.request.finished?

          begun = @begun[connection.request] = before.fetch(connection.request, now)
          connection.close_connection if now - begun > @request_timeout
        end
      end

      def take_for_once(connection)
        connection.comm_inactivity_timeout = PATIENCE
        connection.app = Surplus.new(@server.app, key: @key, on_refusal: @on_refusal) { leave_time(connection) }
        @surplus.push(connection)
        return if @surplus.size <= RESERVE

        @on_refusal.call
        @surplus.shift.close_connection
      end

      def leave_time(connection)
        connection.comm_inactivity_timeout = timeout
        @surplus.delete(connection)
      end
    end
  end
end
