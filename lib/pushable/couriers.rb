# frozen_string_literal: true

module Pushable
  # The couriers of this process: the one that pushes go to, those of earlier settings as long as they have something to
  # send, and the one of +:inline+ deliveries. Those that came here by a fork are the parent's.
  #
  # What is public can be called from a trap handler, where no lock may be waited for, but {#start} and {#renew}.
  # @api private
  module Couriers
    EMPTY = { pushed: 0, delivered: 0, dropped: 0, overflowed: 0, expired: 0, abandoned: 0, rejected: 0, retries: 0,
              batches: 0, bytes: 0, connections: 0, resyncs: 0, untold: 0, pending_messages: 0, pending_bytes: 0,
              oldest_age: nil, down: false, down_since: nil, paused: false, last_error: nil,
              last_success_at: nil }.freeze

    # @return [Float] seconds of the monotonic clock
    def self.now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end

    # A courier that is running, for the extension at a push: the first one, a new one in a forked child, or the same
    # with a new thread when its thread was killed.
    # @return [Courier]
    def start
      @lock.synchronize do
        abandon_inherited
        courier = @current || make
        courier.start_thread
        @current = courier # last: a push in another thread looks at it without the lock
      end
    end

    # The courier of +:inline+ deliveries, whose loop is never run.
    # @return [Courier]
    def inline
      @inline&.abandon
      @inline = own(@inline) || make
    end

    # New settings: what waits is still sent under the old ones.
    def renew
      @lock.synchronize do
        abandon_inherited
        @inline = nil
        next if @current && same?(@current)

        @current&.close(@current.max_age)
        @retired = all.select { |courier| courier.working? || waiting?(courier) }
        @current = nil
      end
    end

    # @return [Boolean] whether all that was pushed before the call was acknowledged or given up in time
    def flush(timeout)
      deadline = Couriers.now + timeout
      goals = all.to_h { |courier| [courier, courier.stats[:pushed]] }
      loop do
        goals = goals.reject { |courier, goal| settled(courier) >= goal }
        return true if goals.empty?
        return false if Couriers.now >= deadline

        restart(goals.keys)
        sleep 0.001
      end
    end

    # @param timeout [Numeric] seconds
    def shutdown(timeout)
      deadline = Couriers.now + timeout
      couriers = all
      couriers.each { |courier| courier.close((timeout * 1000).ceil) }
      sleep 0.001 until restart(couriers) || Couriers.now >= deadline
      couriers.each { |courier| courier.finish(deadline) }
    end

    def pause
      @paused = true
      all.each(&:pause)
    end

    def resume
      @paused = false
      all.each(&:resume)
    end

    # @return [Hash{Symbol => Integer, Float, Boolean, String, nil}] of the settings now
    def stats
      stats = EMPTY.merge(own(@current)&.stats || { paused: @paused })
      stats[:oldest_age] &&= stats[:oldest_age] / 1000.0
      stats
    end

    private

    def make
      options = Pushable.config.courier_options
      courier = new(options)
      courier.settings = options.hash # not the options: there is a key among them
      courier.max_age = options[:max_age]
      courier.pause if @paused
      Leaving.register
      courier
    end

    def same?(courier)
      !courier.closed? && courier.settings == Pushable.config.courier_options.hash
    end

    # In a child: the parent's connections are closed here without a word, and what it was about to tell is forgotten.
    def abandon_inherited
      inherited = [*@retired, *@current].select(&:inherited?)
      return if inherited.empty?

      inherited.each(&:abandon)
      @retired -= inherited
      @current = own(@current)
      Reporting.forget
    end

    # Every one that may have something to send.
    def all
      [*@retired, *@current].filter_map { |courier| own(courier) }
    end

    def own(courier)
      courier unless courier.nil? || courier.inherited?
    end

    def waiting?(courier)
      courier.stats[:pending_messages].positive?
    end

    # How many messages are no longer waiting: they leave in the order in which they were pushed.
    def settled(courier)
      courier.stats.then { |stats| stats[:pushed] - stats[:pending_messages] }
    end

    # Gives those whose thread was killed a new one.
    # @return [Boolean] false while another thread starts one
    def restart(couriers) # rubocop:disable Naming/PredicateMethod
      return false unless @lock.try_lock

      begin
        couriers.each(&:start_thread)
      ensure
        @lock.unlock
      end
      true
    end
  end
end
