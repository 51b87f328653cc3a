# frozen_string_literal: true

module Pushable
  module Server
    # A published message as its subscribers get it: nothing but the fields that are meant for them, and made into bytes
    # once for all.
    #
    # It is equal to itself alone: what waits for a long-poll Faye keeps in a Set, where of two messages that look the
    # same one would be dropped.
    class Delivery < Hash
      FIELDS = %w[channel id data].freeze
      TEXT = 0x81 # a websocket frame that is whole, and text
      private_constant :FIELDS, :TEXT

      # @param message [Hash] as it was published
      # @return [Delivery]
      def self.of(message)
        new.update(message.slice(*FIELDS))
      end

      # @return [String] the websocket frame: from server to client it is not masked, and so the same for everybody
      def frame
        @frame ||= begin
          text = json.force_encoding(Encoding::BINARY)
          (head(text.bytesize) << text).freeze
        end
      end

      # @return [String] the event of an event stream
      def event
        @event ||= "data: #{json}\r\n\r\n"
      end

      # @return [Integer] about what it takes
      def bytesize
        frame.bytesize
      end

      alias eql? equal?

      def hash
        __id__.hash
      end

      private

      # A list, as Bayeux has it.
      def json
        Faye.to_json([to_h])
      end

      def head(length)
        return [TEXT, length].pack("CC") if length < 126

        length < 65_536 ? [TEXT, 126, length].pack("CCS>") : [TEXT, 127, length].pack("CCQ>")
      end
    end
  end
end
