# frozen_string_literal: true

module Pushable
  module Reporting
    # Lets one report a minute through for each cause, and counts what it holds back: the next one tells of it.
    # @api private
    class Limit
      SECONDS = 60
      # Causes that are kept apart; past them the oldest is forgotten.
      CAUSES = 100

      Entry = Struct.new(:since, :held)
      private_constant :Entry

      # @param clock [#call] seconds
      def initialize(clock = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) })
        @clock = clock
        @lock = Mutex.new
        @entries = {}
      end

      # @param cause [Object] a key of a Hash
      # @param count [Integer] of what is to be reported
      # @return [Integer, nil] of what the report is now to speak of; nil: held back
      def pass(cause, count = 1)
        @lock.synchronize do
          entry = @entries[cause]
          now = @clock.call
          if entry && now - entry.since < SECONDS
            entry.held += count
            next
          end
          put(cause, now)
          count + (entry ? entry.held : 0)
        end
      end

      # Forgets all causes.
      #
      # @return [Hash{Object => Integer}] what was held back and not told
      def release
        @lock.synchronize do
          held = @entries.transform_values(&:held)
          @entries.clear
          held.select { |_, count| count.positive? }
        end
      end

      private

      def put(cause, now)
        @entries.delete(cause) # the newest stands last
        @entries.shift if @entries.size >= CAUSES
        @entries[cause] = Entry.new(now, 0)
      end
    end
  end
end
