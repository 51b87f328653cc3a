# frozen_string_literal: true

require "panko_serializer"
require_relative "serializer"

module Bench
  module Serializers
    # Panko, one record after the other.
    class Panko < Serializer
      TITLE = "Panko, one by one"
      WORD = "panko"

      def initialize(kind)
        super
        @serializer = serializer_for(kind, @included)
      end

      def encode(record)
        @serializer.new.serialize_to_json(record)
      end

      private

      def serializer_for(model, included = nil)
        inner = serializer_for(model.reflect_on_association(included).klass) if included
        Class.new(::Panko::Serializer) do
          attributes(*model.column_names)
          has_one(included, serializer: inner) if included
        end
      end
    end
  end
end
