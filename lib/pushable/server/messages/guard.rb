# frozen_string_literal: true

module Pushable
  module Server
    # The first of the server's extensions. Faye trusts the types of a message's fields, and one of another type ends
    # its process; and it keeps and repeats them, however long they are. So a field that is not as it should be is taken
    # out here, and the message refused.
    class Guard
      # What Faye reads in a message, or repeats of it, and what each has to be.
      FIELDS = {
        "channel" => ->(value) { channel?(value) },
        "id" => ->(value) { name?(value) || value.is_a?(Numeric) },
        "clientId" => ->(value) { name?(value) },
        "version" => ->(value) { name?(value) },
        "minimumVersion" => ->(value) { name?(value) },
        "connectionType" => ->(value) { name?(value) },
        "supportedConnectionTypes" => ->(value) { list?(value) { |item| name?(item) } },
        "subscription" => ->(value) { channel?(value) || list?(value) { |item| channel?(item) } },
        "ext" => ->(value) { value.is_a?(Hash) },
        "error" => ->(_value) { false } # that is for us to say
      }.freeze

      class << self
        def name?(value)
          value.is_a?(String) && value.length <= Sizes::NAME
        end

        # Faye's own pattern looks at one line of a name only, and tells of all else that is wrong with it.
        def channel?(value)
          value.is_a?(String) && value.length <= Sizes::CHANNEL && !value.match?(/[\r\n]/)
        end

        def list?(value, &)
          value.is_a?(Array) && value.size <= Sizes::LIST && value.all?(&)
        end
      end

      # @param longest_poll [Numeric] milliseconds; a client may ask for less, not for more
      # @param metrics [Metrics]
      def initialize(longest_poll:, metrics:)
        @metrics = metrics
        @fields = { **FIELDS, "advice" => lambda do |value|
          value.is_a?(Hash) && (value["timeout"].nil? || (0..longest_poll).cover?(value["timeout"]))
        end }.freeze
      end

      # Called by Faye with every message that arrives.
      def incoming(message, _request)
        names = nil
        message.each { |name, value| (names ||= []) << name unless sound?(name, value) }
        refuse(message, names) if names
        message["channel"] ||= "" # of which Faye says that it is invalid
      end

      private

      # A field may be there and null.
      def sound?(name, value)
        check = @fields[name]
        check.nil? || value.nil? || check.call(value)
      end

      def refuse(message, names)
        @metrics.count(:malformed)
        names.each { |name| message.delete(name) }
        message["error"] = "400:#{names.join(",")}:Bad request"
      end
    end
  end
end
