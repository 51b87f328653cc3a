# frozen_string_literal: true

require "active_record"
require "pushable"

module Bench
  # The record of every way: ten columns, one channel that a method names from a column.
  class Member < ActiveRecord::Base
    self.abstract_class = true

    class << self
      # @return [Sink, nil] where the messages of most ways end; nil with a server of somebody else's, which counts none
      attr_accessor :sink

      def columns_of(number)
        { name: format("Member number %06d", number), email: format("member%06d@example.org", number), bio: "b" * 200,
          active: true, balance: BigDecimal("1234.56"), score: number + 0.25 }
      end

      # @return [Integer] how many messages one save makes
      def messages(_operation)
        1
      end

      # @return [Integer, nil] how many messages have arrived so far, of any way that ends there; nil: who knows
      def arrived
        Member.sink&.count
      end

      def works_with?(_database)
        true
      end

      # Waits for what a block of saves left to other threads.
      # @param _due [Integer] the messages of that block
      # @raise [RuntimeError] when it takes too long
      def drain(_due); end
    end

    private

    def collection_channel
      "members_#{active ? "active" : "gone"}"
    end
  end

  # Without the gem: the base line.
  class PlainMember < Member
    self.table_name = "members"

    def self.messages(_operation)
      0
    end
  end

  # With the gem.
  class PushedMember < Member
    self.table_name = "members"
    push create: :collections, update: :collections

    def self.drain(_due)
      Pushable.flush(20) || raise("not delivered in 20 s: #{Pushable.stats}")
    end
  end

  # With the gem, five targets of five kinds: five messages a save.
  class FiveTimesMember < Member
    TARGETS = [:collections, "members", "members_of_%{active}", "member_%{id}",
               ->(member) { "scored_#{member.active}" }].freeze

    self.table_name = "members"
    push create: TARGETS, update: TARGETS

    class << self
      def messages(_operation)
        TARGETS.size
      end

      def drain(due)
        PushedMember.drain(due)
      end
    end
  end
end
