# frozen_string_literal: true

module Pushable
  module Server
    # The way to a client that stays open, as Faye's engine has it for its connections: a {Websocket} or an
    # {EventStream}, which make its stream and encode what it is to send. What it cannot send yet is bounded.
    class Socket
      # @param request [Rack::Request] that began it
      # @param faye [Faye::Server]
      # @param sockets [Sockets]
      def initialize(request, faye, sockets)
        @connection = request.env["em.connection"]
        @faye = faye
        @sockets = sockets
        sockets.add(self)
      end

      # @return [Array] what Rack gets
      def response
        @stream.rack_response
      end

      # Called by Faye.
      def close
        @stream.close
      end

      # Called by Faye with what had to wait.
      def send(delivery)
        hold(delivery)
        flush
      end

      # Keeps it for {#flush}, so that many messages are written at once.
      #
      # @param delivery [Delivery]
      # @return [Boolean] whether it is the first
      def hold(delivery)
        bytes = encode(delivery)
        return (@held = bytes) && true unless @held

        @held = @held.frozen? ? @held + bytes : @held << bytes
        false
      end

      # @return [void]
      def flush
        bytes = @held
        @held = nil
        write(bytes) if bytes
      end

      # @return [Integer] bytes that the client has not taken
      def waiting_bytes
        @connection.get_outbound_data_size
      end

      private

      # Not by the stream: a frame is one already, and this is done for every subscriber.
      def write(bytes)
        return unless @stream.ready_state == Faye::WebSocket::OPEN

        @connection.send_data(bytes)
        check
      end

      # To be called after each writing.
      def check
        drop("#{waiting_bytes} bytes waited for it to read") if waiting_bytes > @sockets.most_bytes
      end

      # No goodbye: it would not be read.
      def drop(reason)
        return if @ended

        @ended = true # to end it, Faye answers what waits here
        @connection.close_connection
        @sockets.drop(current? ? @client : nil, reason)
        ended
      end

      # It may be gone, or back by another socket.
      def current?
        @client && @faye.engine.connection(@client, false)&.socket.equal?(self)
      end

      # The client is without a socket now.
      def leave
        @faye.close_socket(@client, false) if current?
      end

      def ended
        @ended = true
        leave
        @sockets.remove(self)
      end
    end
  end
end
