# frozen_string_literal: true

require_relative "rounds"
require_relative "states"

module Bench
  # Several serializers with the records of one kind, in every state.
  class Comparison
    # Of one serializer and one state: the microseconds of CPU and the objects that a record takes, the JSON of all
    # records, and what Rails' as_json says about them.
    Result = Struct.new(:cpu, :objects, :text, :expected)

    # @param kind [Class]
    # @param serializers [Array<Class>]
    def initialize(kind, serializers, rounds:, records:)
      kind.create_table
      @options = kind.included ? { include: kind.included } : {}
      @states = States.new(kind, records)
      @serializers = serializers.map { |serializer| serializer.new(kind) }
      @rounds = rounds
      @records = records
    end

    # @return [Hash{Array(String, String) => Result}] state and serializer's word => result
    def run
      States::NAMES.map { |state| compare(state) }.reduce(:merge)
    end

    private

    def compare(state)
      texts = @serializers.to_h { |serializer| [serializer, text(serializer, state)] }
      costs = measure(state)
      texts.to_h do |serializer, (text, expected)|
        result = Result.new(costs.cost(serializer, :cpu).median, objects(serializer, state), text, expected)
        [[state, serializer.class::WORD], result]
      end
    end

    def text(serializer, state)
      records = @states.records(state)
      [serializer.text(records), records.map { |record| record.as_json(@options) }]
    end

    def measure(state)
      rounds = Rounds.new(@rounds, @records)
      rounds.run do
        @serializers.each do |serializer|
          records = @states.records(state)
          rounds.measure(serializer) { serializer.encode_all(records) }
        end
      end
    end

    def objects(serializer, state)
      records = @states.records(state)
      GC.start
      GC.disable
      before = GC.stat(:total_allocated_objects)
      serializer.encode_all(records)
      (GC.stat(:total_allocated_objects) - before) / @records.to_f
    ensure
      GC.enable
    end
  end
end
