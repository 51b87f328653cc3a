# frozen_string_literal: true

module Pushable
  module Server
    # A message that is kept: when it arrived, when it was news (microseconds since the epoch), its data as JSON.
    Entry = Struct.new(:ring, :seq, :arrived, :time, :text)

    # What is not kept any more: the last place, and the latest time. Who has seen less may have missed something.
    Gone = Struct.new(:seq, :time) do
      # Places only rise; times, by several clocks, need not.
      #
      # @param other [Entry, Gone] that went later
      def add(other)
        self.seq = other.seq
        self.time = other.time if other.time > time
      end
    end

    # A channel's last messages.
    class Ring
      # @return [String]
      attr_reader :channel
      # @return [Gone] of this channel
      attr_reader :gone

      def initialize(channel, gone)
        @channel = channel
        @gone = gone
        @entries = []
      end

      def push(entry)
        @entries.push(entry)
      end

      # Lets the oldest go.
      def shift
        @gone.add(@entries.shift)
      end

      def first = @entries.first
      def size = @entries.size
      def empty? = @entries.empty?

      # @return [Array<Entry>]
      def after(seq)
        index = @entries.bsearch_index { |entry| entry.seq > seq }
        index ? @entries.drop(index) : []
      end

      # @return [Array<Entry>] from the first on that was news at that time or later; the clocks of those behind it may
      #   differ, their order is right
      def from(time)
        @entries.drop_while { |entry| entry.time < time }
      end
    end
  end
end
