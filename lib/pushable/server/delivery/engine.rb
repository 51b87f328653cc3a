# frozen_string_literal: true

module Pushable
  module Server
    # Who is connected, who listens to what, and what waits for whom: Faye's own, in memory. The one place that each
    # published message passes on its way to subscribers.
    #
    # A message is made into bytes once, whoever gets it. What one client can make wait for him is bounded: who has more
    # is dropped, shakes hands anew and asks for what he missed.
    class Engine < Faye::Engine::Memory
      # Messages that wait for a client that is between two polls, or gone.
      WAITING = 1000

      # @param server [Faye::Engine::Proxy]
      # @param options [Hash] +:history+ is the {History}, or nil; +:fan_out+ the {FanOut}, +:sockets+ the {Sockets},
      #   +:metrics+ the {Metrics}; +:nodes+ the {Nodes} where servers are joined, or nil
      def initialize(server, options)
        @history, @fan_out, @sockets, @metrics, @nodes =
          options.values_at(:history, :fan_out, :sockets, :metrics, :nodes)
        @fan_out.engine = self
        @nodes&.engine = self
        @held = []
        super
      end

      def reset
        super
        @waiting = Hash.new(0) # bytes of @messages
      end

      # Called by Faye with what was published here, and with the patterns of channels that match; nobody may subscribe
      # to one. Where servers are joined, each has it from the stream.
      #
      # @param message [Hash] with "channel" and "data"
      # @return [void]
      def publish(message, _channels)
        forward(@history ? @history.append(message) : message) unless @nodes
        @server.trigger(:publish, message["clientId"], message["channel"], message["data"])
      end

      # Hands on a message that has its place.
      # @return [void]
      def forward(message)
        clients = @channels[message["channel"]]
        @fan_out.push(Delivery.of(message), clients.to_a) if clients
      end

      # Called by {FanOut}; {#flush} follows.
      #
      # @param delivery [Delivery]
      # @param clients [Array<String>] of those who were subscribed when the message came
      # @return [void]
      def deliver(delivery, clients)
        written = clients.count do |client|
          socket = @server.connection(client, false)&.socket
          socket ? hold(socket, delivery) : wait(client, delivery)
          socket
        end
        @metrics.count(:delivered, written)
      end

      # @return [void]
      def flush
        held = @held
        @held = []
        held.each(&:flush)
      end

      # Called by Faye when there is a poll to answer, or a socket to write to.
      def empty_queue(client)
        return unless @server.has_connection?(client)

        @metrics.count(:delivered, @messages.fetch(client, []).size)
        @waiting.delete(client)
        super
      end

      def destroy_client(client)
        @waiting.delete(client)
        super
      end

      # @return [Integer] bytes that wait for clients without a socket
      def waiting_bytes
        @waiting.values.sum
      end

      private

      def hold(socket, delivery)
        @held << socket if socket.hold(delivery)
      end

      def wait(client, delivery)
        return unless @namespace.exists?(client)

        queue = @messages[client] ||= []
        queue << delivery
        bytes = @waiting[client] += delivery.bytesize
        empty_queue(client)
        return unless @messages.key?(client) && (queue.size > WAITING || bytes > @sockets.most_bytes)

        @sockets.drop(client, "#{queue.size} messages (#{bytes} bytes) waited for its next poll")
      end
    end
  end
end
