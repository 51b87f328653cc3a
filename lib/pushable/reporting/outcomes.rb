# frozen_string_literal: true

module Pushable
  module Reporting
    # Tells of what became of deliveries.
    # @api private
    module Outcomes
      # What +Rails.error+ hears of, too: messages that are lost, and a server that is.
      SEVERITIES = { reject: :error, drop: :error, down: :warning }.freeze

      TEXTS = { reject: "refused by the server", drop: "dropped", retry: "not delivered yet, trying again",
                down: "the server is down", up: "the server is up again" }.freeze

      class << self
        # @param outcome [Hash] as {Courier} gives it: the payload of +deliver|reject|drop|retry|down|up.pushable+
        # @return [void]
        def tell(outcome)
          Reporting.guard { ActiveSupport::Notifications.instrument("#{outcome[:kind]}.pushable", outcome) }
          severity = SEVERITIES[outcome[:kind]] or return
          Reporting.guard do
            RailsError.report(DeliveryError.new(text(outcome)), cause: cause(outcome), severity:,
                                                                count: outcome[:count],
                                                                context: { channel: outcome[:channel] })
          end
        end

        # @return [Array] what makes two outcomes the same to a reader: not which messages they are about
        def cause(outcome)
          outcome.values_at(:kind, :reason, :status)
        end

        # @return [String] one line; of +count+ messages, whichever +outcome+ was about
        def text(outcome, count = outcome[:count])
          parts = ["pushable: #{TEXTS.fetch(outcome[:kind])}"]
          parts << "(#{count} message#{"s" if count != 1})" if %i[reject drop].include?(outcome[:kind])
          parts << "on #{outcome[:channel]}" if count == outcome[:count] && !outcome[:channel].to_s.empty?
          parts.concat(why(outcome)) unless outcome[:kind] == :up
          parts.join(" ")
        end

        private

        def why(outcome)
          parts = ["- #{outcome[:reason]}"]
          parts << "(status #{outcome[:status]})" if outcome[:status].to_i.positive?
          parts << outcome[:text] unless outcome[:text].to_s.empty?
          parts
        end
      end
    end
  end
end
