# frozen_string_literal: true

require_relative "reporting/limit"
require_relative "reporting/rails_error"
require_relative "reporting/reporter"
require_relative "reporting/outcomes"
require_relative "reporting/log_subscriber"

module Pushable
  # Telling the application what became of its messages: by notifications, which the log subscribes to as anybody can,
  # and by +Rails.error+. Whoever is told cannot hurt the one who tells.
  # @api private
  module Reporting
    class << self
      # Runs what belongs to the application: what it raises ends here, and is told on standard error, as the log may be
      # what fails.
      def guard
        yield
      rescue StandardError, ScriptError => e
        warn "pushable: a subscriber, the log or Rails.error failed: #{e.class}: #{e.message}"
      end

      # New settings, or a child that has told of nothing yet: everything is told at once again.
      def forget
        RailsError.forget
        LogSubscriber.forget
      end
    end
  end
end
