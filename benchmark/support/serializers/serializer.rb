# frozen_string_literal: true

require "json"

module Bench
  module Serializers
    # A way to turn a record of one kind into JSON; {#encode} is what a subclass has to say.
    class Serializer
      # @param kind [Class]
      def initialize(kind)
        @kind = kind
        @included = kind.included
        @options = @included ? { include: @included } : {}
      end

      # What is measured. Nothing is kept of what comes out.
      def encode_all(records)
        records.each { |record| encode(record) }
      end

      # @return [String] a JSON array of all records
      def text(records)
        "[#{records.map { |record| encode(record) }.join(",")}]"
      end
    end
  end
end
