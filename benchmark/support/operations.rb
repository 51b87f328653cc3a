# frozen_string_literal: true

require_relative "members"

module Bench
  # What is done to the records of one way, in this order; each is a block that does it to all of them.
  class Operations
    NAMES = %w[create! update! touch transaction].freeze

    # @return [String] the operation's name in a RATIO line
    def self.word(operation, records)
      operation == "transaction" ? "transaction#{records}" : operation.delete("!")
    end

    # @param model [Class]
    # @param records [Integer] how many of them; a transaction saves all of them
    def initialize(model, records)
      @model = model
      @columns = Array.new(records) { |number| Member.columns_of(number) }
    end

    # @yieldparam name [String]
    # @yieldparam block [Proc]
    def in_turn
      yield "create!", -> { @members = @columns.map { |values| @model.create!(values) } }
      yield "update!", -> { update("Renamed", 0.5) }
      yield "touch", -> { @members.each(&:touch) }
      yield "transaction", -> { @model.transaction { update("Renamed again", 0.75) } }
      @model.delete_all
    end

    private

    def update(name, more)
      @members.each_with_index { |member, number| member.update!(name: "#{name} #{number}", score: number + more) }
    end
  end
end
