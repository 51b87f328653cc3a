# frozen_string_literal: true

require_relative "kinds"

module Bench
  # Brings the records of a kind into a state, anew at every call: to encode a record may change what it remembers.
  class States
    # Fetched and not yet read; just created; just updated; and with all its values cast.
    NAMES = %w[loaded created updated hot].freeze

    # @param kind [Class]
    # @param count [Integer] how many records
    def initialize(kind, count)
      @kind = kind
      @count = count
      @turn = 0
      created
    end

    # @param state [String] one of NAMES
    # @return [Array<Kind>]
    def records(state)
      public_send(state)
    end

    def created
      @kind.delete_all
      Array.new(@count) { |number| @kind.create!(@kind.values(number)) }
    end

    def loaded
      rows = @kind.limit(@count)
      (@kind.included ? rows.preload(@kind.included) : rows).to_a
    end

    # Active Record forgets all cast values at a save, whichever columns it writes.
    def updated
      @turn += 1
      loaded.each { |record| record.update!(name: "Renamed #{@turn}") }
    end

    def hot
      loaded.each { |record| [record, *included(record)].each(&:attributes) }
    end

    private

    def included(record)
      record.public_send(@kind.included) if @kind.included
    end
  end
end
