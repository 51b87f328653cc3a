# frozen_string_literal: true

require "set"

module Pushable
  module Server
    # The Rack layer that takes the ways to a client that stay open, instead of Faye's own adapter: it would make a
    # message into bytes for each of them, and let any number of bytes wait. It is an extension, too, as such Faye shows
    # itself.
    class Sockets
      # The websockets of all browsers since 2012.
      VERSION = "13"
      private_constant :VERSION

      # @return [Integer] bytes that may wait for a client
      attr_reader :most_bytes
      # @return [Numeric] seconds between two pings
      attr_reader :ping

      # @return [#call] what gets the other requests
      attr_writer :app

      # @param most_bytes [Integer]
      # @param ping [Numeric]
      # @param metrics [Metrics]
      # @param log [Log]
      def initialize(most_bytes:, ping:, metrics:, log:)
        @most_bytes = most_bytes
        @ping = ping
        @metrics = metrics
        @log = log
        @all = Set.new.compare_by_identity
      end

      # Called by Faye with itself.
      def added(faye)
        @faye = faye
      end

      def call(env)
        kind = kind(env) or return @app.call(env)
        return refusal if kind == Websocket && env["HTTP_SEC_WEBSOCKET_VERSION"] != VERSION

        kind.new(Rack::Request.new(env), @faye, self).response
      end

      # Called by a socket that opens; and {#remove} by one that is closed.
      def add(socket)
        @all << socket
      end

      def remove(socket)
        @all.delete(socket)
      end

      # Ends a client that does not read, or does not answer. If it is still there, its next word is answered with 401,
      # and it shakes hands anew.
      #
      # @param client [String, nil] nil: it has not told who it is
      # @return [void]
      def drop(client, reason)
        @metrics.count(:dropped_clients)
        @log.info("dropped a client: #{reason}", kind: "clients dropped")
        @faye.engine.destroy_client(client) if client
      end

      # Says goodbye to all, also to those whose client is unknown: Faye's client opens a websocket while it still
      # polls, and turns to it only when that poll is answered.
      # @return [void]
      def close
        @all.to_a.each(&:close)
      end

      # @return [Integer] bytes that wait
      def waiting_bytes
        @all.sum(&:waiting_bytes)
      end

      private

      def kind(env)
        return unless env["PATH_INFO"] == MOUNT || env["PATH_INFO"].start_with?("#{MOUNT}/")
        return Websocket if Faye::WebSocket.websocket?(env)

        EventStream if Faye::EventSource.eventsource?(env)
      end

      def refusal
        [426, { "content-type" => "text/plain", "sec-websocket-version" => VERSION }, ["Upgrade required\n"]]
      end
    end
  end
end
