# frozen_string_literal: true

module Pushable
  module Server
    # Who is connected, who listens to what, and what waits for whom: Faye's own, in memory. The one place that each
    # published message passes on its way to subscribers.
    class Engine < Faye::Engine::Memory
      # @param server [Faye::Engine::Proxy]
      # @param options [Hash] +:history+ is the {History}
      def initialize(server, options)
        @history = options.fetch(:history)
        super
      end

      # @param message [Hash] with "channel" and "data"
      # @param channels [Array<String>] the message's channel, and the patterns that match it
      # @return [void]
      def publish(message, channels)
        super(@history.append(message), channels)
      end
    end
  end
end
