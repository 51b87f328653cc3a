# frozen_string_literal: true

require_relative "serializer"

module Bench
  module Serializers
    # Rails' hash, written by the json gem without Rails' encoder around it.
    class JsonGenerate < Serializer
      TITLE = "as_json, JSON.generate"
      WORD = "json_generate"

      def encode(record)
        JSON.generate(record.as_json(@options))
      end
    end
  end
end
