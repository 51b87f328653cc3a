# frozen_string_literal: true

module Pushable
  # Where a message goes when it leaves the caller: read by the extension at every push.
  # @api private
  module Delivery
    @mode = :async
    @deliveries = []

    class << self
      # @return [Symbol] +:async+, +:inline+ or +:test+
      attr_accessor :mode
      # @return [Array<Hash>] what +:test+ has kept
      attr_reader :deliveries

      def keep(message)
        deliveries << message
      end
    end
  end
end
