# frozen_string_literal: true

require "pushable"
require_relative "serializer"

module Bench
  module Serializers
    # This gem.
    class Pushable < Serializer
      TITLE = "Pushable.encode"
      WORD = "pushable"

      def encode(record)
        @included ? ::Pushable.encode(record, include: @included) : ::Pushable.encode(record)
      end
    end
  end
end
