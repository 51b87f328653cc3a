# frozen_string_literal: true

require "securerandom"

module Pushable
  module Server
    # The log of what was published: each message's place in it.
    #
    # A place is an Integer here and an opaque text on the wire.
    class History
      KEPT = "/sync/"
      private_constant :KEPT

      # @return [String] of whose log the places are: of this life of the server
      attr_reader :epoch

      def initialize(epoch: SecureRandom.alphanumeric(12))
        @epoch = epoch
        @last = 0
      end

      # Gives a message its place.
      #
      # @param message [Hash] with "channel" and "data"
      # @param seq [Integer] its place, after that of all before
      # @return [Hash] the message, with its place as +seq+ in its data
      def append(message, seq: @last + 1)
        data = message["data"]
        return message unless data.is_a?(Hash) && message["channel"].start_with?(KEPT)

        @last = seq
        data["seq"] = seq.to_s(36)
        message
      end

      # @return [Hash] where the log ends
      def position
        { "epoch" => epoch, "seq" => @last.to_s(36) }
      end
    end
  end
end
