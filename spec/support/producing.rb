# frozen_string_literal: true

require "pushable"

# What an application of spec/courier runs (AppProcess): it publishes numbers, and keeps what it is told of them.
module Producing
  OUTCOMES = Thread::Queue.new
  ActiveSupport::Notifications.subscribe(/\A(?:drop|reject|retry|down|up)\.pushable\z/) do |*, outcome|
    OUTCOMES << outcome
  end
  EVERY = 0.01 # seconds

  @published = 0

  class << self
    # How many a thread has published, since there is one.
    attr_reader :published

    # @param words [Hash{Integer => String}] what else a number's object says
    def publish(numbers, words = {})
      numbers.each { |n| Pushable.publish("numbers", { n:, w: words[n] }.compact) or raise "#{n} was not taken" }
    end

    # As fast as the courier brings them away: no more than about so many wait. Yields how many are published by now.
    def publish_in_step(numbers, most: 2000)
      numbers.each_slice(50) do |some|
        sleep 0.001 while Pushable.stats[:pending_messages] > most
        publish(some)
        yield some.last + 1 if block_given?
      end
    end

    # Goes on publishing in a thread, about so many a second.
    def start(rate)
      @going = true
      @thread = Thread.new do
        while @going
          publish(@published...(@published += (rate * EVERY).ceil))
          sleep EVERY
        end
      end
      nil
    end

    def stop
      @going = false
      @thread.join && nil
    end

    # @return [Array<Hash>] since the last call
    def outcomes
      Array.new(OUTCOMES.size) { OUTCOMES.pop }
    end

    # @return [Integer] messages that it was told of since the last call, as dropped for instance
    def told(kind)
      outcomes.sum { |outcome| outcome[:kind] == kind ? outcome[:count] : 0 }
    end
  end
end
