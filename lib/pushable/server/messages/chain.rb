# frozen_string_literal: true

module Pushable
  module Server
    # Several extensions as one of Faye's. Faye's own way from one to the next costs, for each message, more than most
    # of them do: it copies the list, and asks each what it responds to and how many parameters that takes. Here that
    # is known from the start, and who only looks at a message, or changes it, is simply called.
    class Chain
      # @param extensions [Array] with `incoming` or `outgoing` or both, of two parameters: the message (Hash), and the
      #   request (Rack::Request, or nil). Who has to wait takes a third, to be called with the message, as Faye has it.
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

      # @return [Array<Array(Method, Boolean)>] and whether it waits
      def links(stage)
        methods = @extensions.select { |extension| extension.respond_to?(stage) }.map { |one| one.method(stage) }
        methods.map { |method| [method, method.arity == 3] }
      end

      # @param place [Integer] of who is next
      def pass(links, place, message, request, callback)
        while place < links.size
          link, waits = links[place]
          place += 1
          return link.call(message, request, ->(same) { pass(links, place, same, request, callback) }) if waits

          link.call(message, request)
        end
        callback.call(message)
      end
    end
  end
end
