# frozen_string_literal: true

require "oj"
require_relative "serializer"

module Bench
  module Serializers
    # Oj as it writes what Rails would.
    class OjRails < Serializer
      TITLE = "Oj, mode: :rails"
      WORD = "oj"

      def encode(record)
        Oj.dump(record, mode: :rails, **@options)
      end
    end
  end
end
