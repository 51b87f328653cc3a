# frozen_string_literal: true

module Pushable
  # What waits when the process ends, or becomes a daemon, is sent before.
  # @api private
  module Leaving
    class << self
      # At load, so that it runs after what the application registers. A courier that starts when that is over, as in
      # tests that run while the process ends, is seen off as well.
      def register
        return if @registered

        @registered = true
        at_exit do
          @registered = false
          Pushable.shutdown
        end
      end

      # The process goes on as a child, which knows nothing of its parent's messages.
      def become_daemon
        seconds = Pushable.config.exit_timeout
        return if Pushable.flush(seconds)

        Reporting::Outcomes.tell(kind: :drop, reason: "the process became a daemon", status: 0, channel: "", text: "",
                                 count: Courier.stats[:pending_messages], bytes: 0, milliseconds: 0)
      end
    end

    # In front of Process.daemon, whose parent leaves without any handler for its exit.
    module Daemon
      def daemon(...)
        Leaving.become_daemon
        super
      end
    end
  end
end
