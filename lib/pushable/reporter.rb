# frozen_string_literal: true

module Pushable
  # Tells of what went wrong after a commit, where nothing may be raised: to the log, to +Rails.error+ where it exists,
  # and to subscribers of +reject.pushable+.
  module Reporter
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
        subject = name_of(record)
        text = ["pushable:", subject, rule && "(#{rule})", "#{error.class}: #{error.message}"].compact.join(" ")
        Pushable.logger.error(text)
        tell_rails(error, subject, rule)
        ActiveSupport::Notifications.instrument("reject.pushable", error: error, record: record, rule: rule)
      end

      private

      # Class and key, without calling the application's code.
      def name_of(record)
        return if record.nil?

        "#{record.class.name} #{record.id_in_database.inspect if record.respond_to?(:id_in_database)}".strip
      end

      def tell_rails(error, subject, rule)
        return unless defined?(::Rails) && ::Rails.respond_to?(:error)

        details = { handled: true, severity: :error, context: { record: subject, rule: rule } }
        details[:source] = "pushable" if ::Rails.error.method(:report).parameters.include?(%i[key source]) # Rails 7.1
        ::Rails.error.report(error, **details)
      end
    end
  end
end
