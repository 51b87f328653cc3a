# frozen_string_literal: true

require_relative "couriers"

module Pushable
  # Brings messages to the Faye server: the extension's queue and loop, and the one Ruby Thread that runs it, outside
  # the GVL, from the first push on.
  # @api private
  class Courier
    # Read by the extension, too: @current, @inline_lock.
    @lock = Mutex.new
    @inline_lock = Mutex.new
    @current = nil
    @inline = nil
    @retired = []
    @paused = false
    extend Couriers

    # Seconds between two looks for who hears of deliveries.
    LOOK = 1

    # @return [Integer] of the settings it was made with: two couriers with the same one are alike
    attr_accessor :settings
    # @return [Integer] milliseconds after which it has nothing to send any more
    attr_accessor :max_age

    def start_thread
      launch unless working?
    end

    def working?
      @thread&.alive?
    end

    # No more messages are taken; the rest is sent within the time, or given up.
    # @param milliseconds [Integer]
    def close(milliseconds)
      @closed = true
      stop(milliseconds)
    end

    def closed?
      @closed
    end

    # Waits for the loop to end after {#close}, a moment longer than it was given.
    # @param deadline [Float] of the monotonic clock
    def finish(deadline)
      return if @thread == Thread.current # a handler says shutdown

      sleep 0.001 while working? && Couriers.now < deadline + 1
    end

    private

    def launch
      @thread = Thread.new { work }
      @thread.name = "pushable"
    end

    def work
      telling = false
      loop do
        look_for_listeners
        reason = run
        telling = true
        tell_outcomes
        telling = false
        break if reason == :stopped
      end
      LogSubscriber.settle
    ensure
      launch_another if telling
    end

    def tell_outcomes
      while (outcome = self.outcome)
        Reporting::Outcomes.tell(outcome)
      end
    end

    # A handler has ended this thread, by Thread#exit or what is no mere error: that is not the messages' fault.
    def launch_another
      launch
    rescue ThreadError
      nil # no handler, but the end of the process
    end

    # A delivered batch is told of, and takes the GVL for it, only where somebody listens.
    def look_for_listeners
      now = Couriers.now
      return if @looked_at && now < @looked_at + LOOK

      @looked_at = now
      listen(ActiveSupport::Notifications.notifier.listening?("deliver.pushable"))
    end
  end
end
