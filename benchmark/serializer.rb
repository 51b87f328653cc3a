# frozen_string_literal: true

# What a record's JSON costs, beside to_json, Oj, Panko and a serializer in Ruby that is generated for each class.
#
# ROUNDS (default 15) and RECORDS a round (default 100) may be set. Arguments name the kinds of records, all without:
# ten three forty text dates document relative.

require_relative "support/apart"
require_relative "support/report"

module Bench
  # All kinds of records in all states, by all serializers.
  class Serializer
    OURS = "pushable"

    def initialize(words, rounds:, records:)
      @words = words
      @rounds = rounds
      @records = records
    end

    def run
      apart = Apart.run { load_optimized.then { |serializers| compare(serializers) } }
      together = compare(load_others)
      puts versions
      puts
      chosen_kinds.each { |kind| Section.new(kind, together.fetch(kind.word), apart.fetch(kind.word)).print }
    end

    private

    def load_optimized
      require_relative "support/serializers/oj_optimized"
      require_relative "support/serializers/pushable"
      [Serializers::Pushable, Serializers::OjOptimized]
    end

    def load_others
      %w[pushable to_json json_generate oj_rails panko panko_array generated].each do |name|
        require_relative "support/serializers/#{name}"
      end
      [Serializers::Pushable, Serializers::ToJson, Serializers::JsonGenerate, Serializers::OjRails,
       Serializers::Panko, Serializers::PankoArray, Serializers::Generated]
    end
  end
end
