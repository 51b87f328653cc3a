# frozen_string_literal: true

module Pushable
  module Server
    # Hands messages to their subscribers in slices, between which the server does what else there is to do. A publish
    # is acknowledged when its message has been handed on, so that no publisher runs away from the subscribers; for that
    # this is an extension of Faye's, too.
    class FanOut
      # Deliveries, and bytes, after which a slice ends.
      DELIVERIES = 10_000
      BYTES = 4 * 1024 * 1024
      private_constant :DELIVERIES, :BYTES

      # A message and its subscribers' ids, those before `at` have it; or what is to be done when all before is.
      Step = Struct.new(:delivery, :clients, :at, :reply)
      private_constant :Step

      # @return [Engine]
      attr_writer :engine

      def initialize
        @steps = []
      end

      # @param delivery [Delivery]
      # @param clients [Array<String>]
      # @return [void]
      def push(delivery, clients)
        add(Step.new(delivery, clients, 0))
      end

      # Called by Faye with every message that leaves by its extensions.
      def outgoing(message, _request, callback)
        accepted?(message) ? after { callback.call(message) } : callback.call(message)
      end

      # Calls back when all that was pushed has been handed on.
      # @return [void]
      def after(&reply)
        @steps.empty? ? reply.call : add(Step.new(nil, nil, nil, reply))
      end

      # @return [Integer] bytes that wait for a client's next poll
      def waiting_bytes
        @engine.waiting_bytes
      end

      private

      def accepted?(message)
        message["successful"] && !Faye::Channel.meta?(message["channel"])
      end

      def add(step)
        go_on if @steps.empty?
        @steps << step
      end

      def go_on
        EventMachine.next_tick { work }
      end

      def work
        replies = slice
        @engine.flush
        replies.each(&:call)
      ensure
        go_on if @steps.any?
      end

      # @return [Array<Proc>] what waited for what is now done
      def slice
        replies = []
        @deliveries = DELIVERIES
        @bytes = BYTES
        while @deliveries.positive? && @bytes.positive? && (step = @steps.shift)
          next replies << step.reply if step.reply

          hand_on(step)
          @steps.unshift(step) if step.at < step.clients.size
        end
        replies
      end

      def hand_on(step)
        size = step.delivery.bytesize
        count = [@deliveries, (@bytes / size) + 1, step.clients.size - step.at].min
        @engine.deliver(step.delivery, step.clients[step.at, count])
        step.at += count
        @deliveries -= count
        @bytes -= count * size
      end
    end
  end
end
