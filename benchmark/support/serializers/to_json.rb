# frozen_string_literal: true

require_relative "serializer"

module Bench
  module Serializers
    # What Rails does by itself.
    class ToJson < Serializer
      TITLE = "to_json"
      WORD = "to_json"

      def encode(record)
        record.to_json(@options)
      end
    end
  end
end
