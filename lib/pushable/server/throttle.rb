# frozen_string_literal: true

module Pushable
  module Server
    # Bounds what is written of each kind of event: the first few of a second, and of the others only how many they
    # were. So whoever sends a flood does not get one written.
    class Throttle
      LINES = 5
      private_constant :LINES

      # @param clock [#call] seconds
      def initialize(clock = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) })
        @clock = clock
        @second = nil
        @counts = Hash.new(0)
      end

      # @return [Boolean] whether this one may be written
      def admit?(kind)
        (@counts[kind] += 1) <= LINES
      end

      # To be called before {#admit?} and now and then.
      #
      # @yieldparam kind [Object]
      # @yieldparam count [Integer] how many of a second that is over were not written
      def turn(&)
        second = @clock.call.floor
        return if second == @second

        held = @counts.filter_map { |kind, count| [kind, count - LINES] if count > LINES }
        @second = second
        @counts.clear
        held.each(&)
      end
    end
  end
end
