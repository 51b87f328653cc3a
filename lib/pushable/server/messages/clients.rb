# frozen_string_literal: true

require "set"

module Pushable
  module Server
    # Knows who has shaken hands and not said goodbye, and bounds how many they are: a handshake costs its sender
    # nothing, and the server a kilobyte for nearly a minute. An extension of Faye's.
    class Clients
      FULL = "503::Too many clients"
      private_constant :FULL

      # @param most [Integer]
      # @param metrics [Metrics]
      def initialize(most, metrics)
        @most = most
        @metrics = metrics
        @ids = Set.new
        metrics.gauge(:clients) { @ids.size }
      end

      # @return [Array<String>]
      def ids
        @ids.to_a
      end

      # Called by Faye with itself.
      def added(faye)
        faye.engine.bind(:handshake) { |id| @ids << id }
        faye.engine.bind(:disconnect) { |id| @ids.delete(id) }
      end

      # Called by Faye with every message that arrives.
      def incoming(message, _request)
        return unless message["channel"] == "/meta/handshake" && @ids.size >= @most

        @metrics.count(:denied)
        message["error"] ||= FULL
      end
    end
  end
end
