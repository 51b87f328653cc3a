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

      # @return [String] JSON of a list with this message in it, as Bayeux has it
      def json
        @json ||= Faye.to_json([to_h]).freeze
      end

      # @return [String] the websocket frame: from server to client it is not masked, and so the same for everybody
      def frame
        @frame ||= [*head(json.bytesize), json].pack("#{head_format(json.bytesize)}a*").freeze
      end

      # @return [String] the event of an event stream
      def event
        @event ||= "data: #{json}\r\n\r\n"
      end

      # @return [Integer]
      def bytesize
        json.bytesize
      end

      alias eql? equal?

      def hash
        __id__.hash
      end

      private

      def head(length)
        return [TEXT, length] if length < 126

        length < 65_536 ? [TEXT, 126, length] : [TEXT, 127, length]
      end

      def head_format(length)
        return "CC" if length < 126

        length < 65_536 ? "CCS>" : "CCQ>"
      end
    end
  end
end
