# frozen_string_literal: true

module Pushable
  module Server
    # The extension that answers a subscription with the log's position and, where the subscriber says what it has seen,
    # with what it missed since:
    #
    #   ext: {pushable: {epoch, seq}} or {pushable: {time}}
    #   is answered  ext: {pushable: {epoch, seq, missed: [data, …]}} or {pushable: {epoch, seq, resync: true}}
    #
    # For a list of channels, what was seen may be said for each under +channels+, and what was missed is.
    #
    # Faye has subscribed the client when the reply comes by, and nothing is published in between: what is not in the
    # reply is forwarded.
    class Replay
      SUBSCRIBE = "/meta/subscribe"
      private_constant :SUBSCRIBE

      # @param history [History]
      # @param metrics [Metrics]
      # @param limit [Integer] bytes of missed messages for one client at a time; with more it fetches
      def initialize(history, metrics, limit:)
        @history = history
        @metrics = metrics
        @limit = limit
        @spent = Hash.new(0).compare_by_identity # by request, in this turn of the event loop
        metrics.gauge(:replay_bytes) { history.bytes }
      end

      # Called by Faye with every message that arrives.
      def incoming(message, _request)
        @asked = message if message["channel"] == SUBSCRIBE
      end

      # Called by Faye with every message that leaves; the reply to a subscription in the same breath as it came.
      def outgoing(message, request)
        answer(message, request) if message["channel"] == SUBSCRIBE && message["successful"]
      end

      private

      def answer(reply, request)
        seen = seen(reply)
        subscription = reply["subscription"]
        position = @history.position
        if subscription.is_a?(String)
          position.merge!(missed(subscription, seen, request))
        else
          each = table(seen["channels"])
          position["channels"] = subscription.flatten.uniq.to_h do |channel|
            [channel, missed(channel, each.key?(channel) ? table(each[channel]) : seen, request)]
          end
        end
        reply["ext"] = { "pushable" => position }
      end

      # @return [Hash] what the subscriber says that it has seen
      def seen(reply)
        @asked && @asked["subscription"].equal?(reply["subscription"]) ? table(table(@asked["ext"])["pushable"]) : {}
      end

      # What a stranger sent may be anything.
      def table(value)
        value.is_a?(Hash) ? value : {}
      end

      def missed(channel, seen, request)
        epoch, seq, time = seen.values_at("epoch", "seq", "time")
        return {} unless epoch || seq || time

        missed = @history.since(channel, epoch:, seq:, time:)
        if missed == :resync || !affordable?(missed, request)
          @metrics.count(:resyncs)
          { "resync" => true }
        else
          @metrics.count(:replayed, missed.size)
          { "missed" => missed }
        end
      end

      # A client that is sent more than it can take at once would be cut off, and ask again.
      def affordable?(missed, request)
        EventMachine.next_tick { @spent.clear } if @spent.empty?
        @spent[request] += missed.sum { |data| data.text.bytesize }
        @spent[request] <= @limit
      end
    end
  end
end
