# frozen_string_literal: true

module Pushable
  # Tells of what went wrong after a commit, where nothing may be raised: as +reject.pushable+ (and so in the log), and
  # to +Rails.error+.
  # @api private
  module Reporter
    # What a delivery's +reject.pushable+ says, too.
    PAYLOAD = { kind: :reject, status: 0, count: 1, channel: "", text: "", bytes: 0, milliseconds: 0 }.freeze

    @count = 0

    class << self
      # @return [Integer] reports so far
      attr_reader :count

      # @param error [Exception]
      # @param record [Object, nil] the record concerned
      # @param rule [String, nil] the target or the step that failed
      # @return [void]
      def report(error, record = nil, rule = nil)
        @count += 1
        Reporting.guard do
          ActiveSupport::Notifications.instrument("reject.pushable", **PAYLOAD, reason: error.message, error:, record:,
                                                                                rule:)
        end
        Reporting.guard do
          Reporting::RailsError.report(error, cause: [error.class, error.backtrace&.first],
                                              context: { record: name_of(record), rule: })
        end
      end

      # @return [String] one line for such a payload
      def text(payload)
        error, record, rule = payload.values_at(:error, :record, :rule)
        ["pushable:", name_of(record), rule && "(#{rule})", "#{error.class}: #{error.message}"].compact.join(" ")
      end

      private

      # Class and key, without calling the application's code.
      def name_of(record)
        return if record.nil?

        "#{record.class.name} #{record.id_in_database.inspect if record.respond_to?(:id_in_database)}".strip
      end
    end
  end
end
