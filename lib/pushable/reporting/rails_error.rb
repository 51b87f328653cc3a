# frozen_string_literal: true

module Pushable
  module Reporting
    # +Rails.error+, where it exists: one report a minute for each cause.
    # @api private
    module RailsError
      @limit = Limit.new

      class << self
        # @param error [Exception]
        # @param cause [Object] what makes two errors the same
        # @param context [Hash] with +:count+ added: the errors (or messages) since the last report of this cause
        # @return [void]
        def report(error, cause:, count: 1, severity: :error, context: {})
          return unless defined?(::Rails) && ::Rails.respond_to?(:error)

          count = @limit.pass(cause, count) or return
          details = { handled: true, severity:, context: context.merge(count:) }
          details[:source] = "pushable" if takes_source?(::Rails.error) # Rails 7.1
          ::Rails.error.report(error, **details)
        end

        def forget
          @limit.release
        end

        private

        def takes_source?(reporter)
          reporter.method(:report).parameters.include?(%i[key source])
        end
      end
    end
  end
end
