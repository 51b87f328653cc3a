# frozen_string_literal: true

require "active_support/log_subscriber"

module Pushable
  # What Pushable tells in the log: one line when something changes, not one a message. Lost messages and tries that
  # failed are told of once a minute for each cause, with the count of all since; whatever was not told of when the
  # server is up again, or the courier leaves, is told of then. Subscribes to everything but +deliver.pushable+.
  class LogSubscriber < ActiveSupport::LogSubscriber
    @lost = Reporting::Limit.new
    @tries = Reporting::Limit.new
    @down = false

    class << self
      # @api private
      attr_reader :lost, :tries
      # @api private
      # @return [Boolean] whether the last thing told of the server is that it is down
      attr_accessor :down

      # Tells of the lost messages that were held back.
      # @api private
      def settle
        lost.release.each do |(kind, reason, status), count|
          Pushable.logger.warn(Reporting::Outcomes.text({ kind:, reason:, status: }, count))
        end
      end

      # @api private
      def forget
        lost.release
        tries.release
        self.down = false
      end
    end

    # Of a delivery, or of what went wrong after a commit: that has a line of its own, as it names the record.
    def reject(event)
      event.payload[:error] ? error(Reporter.text(event.payload)) : lost(event.payload)
    end

    def drop(event)
      lost(event.payload)
    end

    def retry(event)
      return if LogSubscriber.down || !LogSubscriber.tries.pass(Reporting::Outcomes.cause(event.payload))

      warn(Reporting::Outcomes.text(event.payload))
    end

    def down(event)
      LogSubscriber.down = true
      warn(Reporting::Outcomes.text(event.payload))
    end

    def up(event)
      LogSubscriber.down = false
      LogSubscriber.tries.release
      info(Reporting::Outcomes.text(event.payload))
      LogSubscriber.settle
    end

    # @return [Logger]
    def logger
      Pushable.logger
    end

    private

    def lost(payload)
      count = LogSubscriber.lost.pass(Reporting::Outcomes.cause(payload), payload[:count])
      warn(Reporting::Outcomes.text(payload, count)) if count
    end

    attach_to :pushable
  end
end
