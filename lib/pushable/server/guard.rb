# frozen_string_literal: true

module Pushable
  module Server
    # The first of the server's extensions. Faye trusts the types of a message's fields, and one of another type ends
    # its process. So a field of the wrong type is taken out here, and Faye answers its own Bayeux error for the lack.
    class Guard
      # @param longest_poll [Numeric] milliseconds; a client may ask for less, not for more
      def initialize(longest_poll:)
        @checks = {
          "subscription" => ->(value) { value.is_a?(String) || strings?(value) },
          "supportedConnectionTypes" => method(:strings?),
          "advice" => lambda do |value|
            value.is_a?(Hash) && (value["timeout"].nil? || (0..longest_poll).cover?(value["timeout"]))
          end
        }.freeze
      end

      # Called by Faye with every message that arrives.
      def incoming(message, callback)
        message["channel"] = "" unless message["channel"].is_a?(String)
        @checks.each { |name, valid| message.delete(name) if message.key?(name) && !valid.call(message[name]) }
        refuse_line_breaks(message)
        callback.call(message)
      end

      private

      def strings?(value)
        value.is_a?(Array) && value.all?(String)
      end

      # Faye's own pattern looks at one line of a name only.
      def refuse_line_breaks(message)
        broken = [message["channel"], *message["subscription"]].find { |name| name.match?(/[\r\n]/) }
        message["error"] = Faye::Error.channel_invalid(broken) if broken
      end
    end
  end
end
