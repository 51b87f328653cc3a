# frozen_string_literal: true

require_relative "panko"

module Bench
  module Serializers
    # Panko, all records at once, as a controller does.
    class PankoArray < Panko
      TITLE = "Panko, all at once"
      WORD = "panko_array"

      def encode_all(records)
        text(records)
      end

      def text(records)
        ::Panko::ArraySerializer.new(records, each_serializer: @serializer).to_json
      end
    end
  end
end
