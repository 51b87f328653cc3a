# frozen_string_literal: true

module Pushable
  module Server
    # Several of Faye's extensions as one. Faye's own way from one to the next costs, for each message, more than most
    # of them do: it copies the list, and asks each what it responds to and how many parameters that takes. Here that is
    # known from the start.
    class Chain
      # @param extensions [Array] with `incoming` or `outgoing` or both, as Faye has them; those of three parameters get
      #   the Rack request
      def initialize(extensions)
        @extensions = extensions
        @incoming = links(:incoming)
        @outgoing = links(:outgoing)
      end

      # Called by Faye with itself.
      def added(faye)
        @extensions.each { |extension| extension.added(faye) if extension.respond_to?(:added) }
      end

      # Called by Faye with every message that arrives.
      def incoming(message, request, callback)
        pass(@incoming, 0, message, request, callback)
      end

      # Called by Faye with every message that leaves.
      def outgoing(message, request, callback)
        pass(@outgoing, 0, message, request, callback)
      end

      private

      def links(stage)
        methods = @extensions.select { |extension| extension.respond_to?(stage) }.map { |one| one.method(stage) }
        methods.map do |method|
          method.arity >= 3 ? method : ->(message, _request, callback) { method.call(message, callback) }
        end
      end

      # @param place [Integer] of who is next; nobody is after a message that was taken out
      def pass(links, place, message, request, callback)
        link = links[place] if message
        return callback.call(message) unless link

        link.call(message, request, ->(passed) { pass(links, place + 1, passed, request, callback) })
      end
    end
  end
end
