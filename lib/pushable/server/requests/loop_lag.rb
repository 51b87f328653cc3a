# frozen_string_literal: true

module Pushable
  module Server
    # How late the event loop comes to what is due: while it is busy with one thing, everything else waits.
    class LoopLag
      # Seconds between two looks, and how many are remembered: the metric is the worst of ten seconds.
      INTERVAL = 0.5
      LOOKS = 20
      # Seconds of lag with which nobody should be sent here.
      TOO_MUCH = 1
      private_constant :INTERVAL, :LOOKS, :TOO_MUCH

      # @param metrics [Metrics]
      # @param health [Health]
      def initialize(metrics, health)
        @lags = []
        metrics.gauge(:loop_lag_seconds) { (@lags.max || 0).round(4) }
        health.check { "the event loop is #{@lags.last.round(1)} s late" if @lags.any? && @lags.last > TOO_MUCH }
      end

      # Looks from now on; in the event loop's thread.
      # @return [void]
      def watch
        due = now + INTERVAL
        EventMachine.add_periodic_timer(INTERVAL) do
          @lags.push([now - due, 0].max)
          @lags.shift if @lags.size > LOOKS
          due = now + INTERVAL
        end
      end

      private

      def now
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end
  end
end
