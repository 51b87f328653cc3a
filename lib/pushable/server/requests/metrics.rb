# frozen_string_literal: true

module Pushable
  module Server
    # Counts what the server does, for `GET /metrics`. The parts of the server add to the counters by name; what can be
    # looked at is a gauge, and whoever knows it says how.
    #
    # Used in EventMachine's thread alone.
    class Metrics
      COUNTERS = {
        published: "Messages accepted from publishers",
        delivered: "Messages handed to subscribers",
        denied: "Publishes, subscriptions and connections refused",
        malformed: "Requests and messages refused because of their form",
        replayed: "Messages handed to those who had missed them",
        resyncs: "Subscribers told to fetch because what they missed is not kept",
        dropped_clients: "Clients closed because they did not read what was sent to them"
      }.freeze
      GAUGES = {
        connections: "Open sockets",
        clients: "Clients that have shaken hands, those that vanished less than a minute ago among them",
        channels: "Channels with a subscriber",
        queue_bytes: "Bytes that wait for slow clients",
        replay_bytes: "Bytes of the messages kept for those who missed them",
        loop_lag_seconds: "How late the event loop came to what was due, the worst of the last ten seconds"
      }.freeze

      def initialize
        @counters = COUNTERS.transform_values { 0 }
        @gauges = {}
      end

      # @raise [KeyError] when there is no such counter
      def count(name, number = 1)
        @counters[name] = @counters.fetch(name) + number
      end

      # @return [Integer]
      # @raise [KeyError]
      def [](name)
        @counters.fetch(name)
      end

      # @yieldreturn [Numeric] its value now
      # @raise [KeyError] when there is no such gauge
      def gauge(name, &value)
        GAUGES.fetch(name)
        @gauges[name] = value
      end

      # @return [String] in Prometheus' text format
      def to_prometheus
        counters = @counters.map { |name, value| sample("#{name}_total", "counter", COUNTERS[name], value) }
        gauges = @gauges.map { |name, value| sample(name, "gauge", GAUGES[name], value.call) }
        (counters + gauges).join
      end

      private

      def sample(name, type, help, value)
        name = "pushable_#{name}"
        "# HELP #{name} #{help}\n# TYPE #{name} #{type}\n#{name} #{value}\n"
      end
    end
  end
end
