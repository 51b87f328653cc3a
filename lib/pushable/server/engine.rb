# frozen_string_literal: true

module Pushable
  module Server
    # Who is connected, who listens to what, and what waits for whom: Faye's own, in memory. The one place that each
    # published message passes on its way to subscribers.
    class Engine < Faye::Engine::Memory
      # @param server [Faye::Engine::Proxy]
      # @param options [Hash] +:history+ is the {History}, or nil; +:nodes+ the {Nodes} where servers are joined, or nil
      def initialize(server, options)
        @history = options.fetch(:history)
        @nodes = options[:nodes]
        @nodes&.engine = self
        super
      end

      alias fan_out publish
      private :fan_out

      # Called by Faye with what was published here. Of several servers, all have it from {Nodes}.
      #
      # @param message [Hash] with "channel" and "data"
      # @param channels [Array<String>] the message's channel, and the patterns that match it
      # @return [void]
      def publish(message, channels)
        fan_out(@history ? @history.append(message) : message, channels) unless @nodes
      end

      # Hands a message that has its place to the subscribers.
      # @return [void]
      def forward(message)
        fan_out(message, Faye::Channel.expand(message["channel"]))
      end
    end
  end
end
