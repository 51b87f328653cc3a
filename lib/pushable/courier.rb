# frozen_string_literal: true

module Pushable
  # Brings messages to the Faye server: the extension's queue and loop, and the one Ruby Thread that runs it, outside
  # the GVL, from the first push on.
  # @api private
  class Courier
    @lock = Mutex.new
    @inline_lock = Mutex.new
    @current = nil
    @retired = []
    @inline = nil

    class << self
      # A courier that is running, for the extension at a push: the first one, a new one in a forked child, or the same
      # with a new thread when its thread was killed.
      # @return [Courier]
      def start
        @lock.synchronize do
          courier = replace(@current)
          courier.start_thread
          @current = courier # last: a push in another thread looks at it without the lock
        end
      end

      # The courier of +:inline+ deliveries, whose loop is never run.
      # @return [Courier]
      def inline
        @inline = replace(@inline)
      end

      # New settings: what waits is still sent under the old ones.
      def renew
        @lock.synchronize do
          @retired = working(@retired)
          if (courier = own(@current))
            courier.stop(milliseconds(Pushable.config.exit_timeout))
            @retired << courier
          end
          @current = @inline = nil
        end
      end

      # @return [Boolean] whether all was acknowledged in time
      def flush(timeout) # rubocop:disable Naming/PredicateMethod
        deadline = now + timeout
        while (waiting = all.select { |courier| courier.stats[:pending_messages].positive? }).any?
          return false if now >= deadline

          @lock.synchronize { waiting.each(&:start_thread) } # it may have been killed
          sleep 0.001
        end
        true
      end

      def shutdown(timeout)
        deadline = now + timeout
        all.each { |courier| courier.stop(milliseconds(timeout)) }
        @lock.synchronize { all.each(&:start_thread) }
        all.each { |courier| courier.finish(deadline - now) }
      end

      # @return [Hash{Symbol => Integer, Boolean}]
      def stats
        own(@current)&.stats || EMPTY
      end

      private

      def replace(courier)
        return courier if own(courier)

        courier&.abandon
        new(Pushable.config.courier_options)
      end

      # The one of the settings now, and those of earlier settings that may still have something to send.
      def all
        [*@retired, @current].filter_map { |courier| own(courier) }
      end

      def working(couriers)
        couriers.select { |courier| own(courier)&.working? }
      end

      def own(courier)
        courier unless courier.nil? || courier.inherited?
      end

      def milliseconds(seconds)
        (seconds * 1000).ceil
      end

      def now
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end

    EMPTY = { pushed: 0, delivered: 0, dropped: 0, overflowed: 0, expired: 0, abandoned: 0, rejected: 0, resyncs: 0,
              untold: 0, batches: 0, retries: 0, bytes: 0, connections: 0, pending_messages: 0, pending_bytes: 0,
              oldest_age: nil, paused: false, down: false, down_since: nil, last_success_at: nil,
              last_error: nil }.freeze

    TEXTS = { reject: "refused by the server", drop: "dropped", retry: "not delivered yet, trying again",
              down: "the server is down", up: "the server is up again", deliver: "delivered" }.freeze

    def start_thread
      return if working?

      @thread = Thread.new { work }
      @thread.name = "pushable"
    end

    def working?
      @thread&.alive?
    end

    # Waits for the loop to end after {#stop}, a moment longer than it was given.
    def finish(timeout)
      @thread.join([timeout, 0].max + 1)
    end

    private

    def work
      loop do
        pause = run
        report_outcomes
        break if pause == :stopped
      end
    end

    def report_outcomes
      while (outcome = self.outcome)
        tell(outcome)
      end
    end

    def tell(outcome)
      Pushable.logger.public_send(outcome[:kind] == :up ? :info : :warn, text_of(outcome))
      ActiveSupport::Notifications.instrument("#{outcome[:kind]}.pushable", outcome)
    rescue StandardError => e
      warn "pushable: telling of an outcome failed: #{e.class}: #{e.message}"
    end

    def text_of(outcome)
      parts = ["pushable: #{TEXTS.fetch(outcome[:kind])}"]
      parts << "(#{outcome[:count]} message#{"s" if outcome[:count] != 1})" if %i[reject drop].include?(outcome[:kind])
      parts << "on #{outcome[:channel]}" unless outcome[:channel].empty?
      unless outcome[:kind] == :up
        parts << "- #{outcome[:reason]}"
        parts << "(status #{outcome[:status]})" if outcome[:status].positive?
        parts << outcome[:text] unless outcome[:text].empty?
      end
      parts.join(" ")
    end
  end
end
