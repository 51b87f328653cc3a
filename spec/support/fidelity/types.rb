# frozen_string_literal: true

module Fidelity
  # An application's own types: subclasses of those that a serializer may know, with another idea of a value.
  module Types
    class Shouting < ActiveModel::Type::String
      def deserialize(value) = super&.to_s&.upcase
    end

    class Doubled < ActiveModel::Type::Integer
      def deserialize(value) = super&.*(2)
    end

    class Negated < ActiveModel::Type::Boolean
      def deserialize(value) = [nil, true, false][[nil, false, true].index(super) || 0]
    end

    class Halved < ActiveModel::Type::Float
      def deserialize(value) = super&./(2)
    end

    class Cents < ActiveModel::Type::Decimal
      def deserialize(value) = super&.*(BigDecimal("0.01"))
    end

    class NextDay < ActiveModel::Type::Date
      def deserialize(value) = super&.+(1)
    end

    class Later < ActiveRecord::Type::DateTime
      def deserialize(value)
        time = super
        time.respond_to?(:utc) ? time + 3600 : time
      end
    end

    # A value object, which says itself what its JSON is.
    class Point
      attr_reader :text

      def initialize(text) = @text = text
      def as_json(*) = { "point" => @text }
      def ==(other) = other.is_a?(Point) && text == other.text
    end

    class Points < ActiveModel::Type::Value
      def cast(value) = value.nil? || value.is_a?(Point) ? value : Point.new(value.to_s)
      def serialize(value) = value&.text
    end

    # For serialize.
    module Brackets
      def self.dump(value) = value && "<#{value}>"
      def self.load(text) = text && text.to_s[1..-2]
    end
  end
end
