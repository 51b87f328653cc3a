# frozen_string_literal: true

require "pushable"

# What an application of spec/courier runs (AppProcess): it publishes numbers, and keeps what it is told of them.
module Producing
  OUTCOMES = Thread::Queue.new
  ActiveSupport::Notifications.subscribe(/\A(?:drop|reject|retry|down|up)\.pushable\z/) do |*, outcome|
    OUTCOMES << outcome
  end

  module_function

  # @param words [Hash{Integer => String}] what else a number's object says
  # @return [Boolean] whether all were taken
  def publish(numbers, words = {})
    numbers.map { |n| Pushable.publish("numbers", { n:, w: words[n] }.compact) }.all?
  end

  # As fast as the courier brings them away: no more than about so many wait. Yields how many are published by now.
  def publish_in_step(numbers, most: 2000)
    numbers.each_slice(50).map do |some|
      sleep 0.001 while Pushable.stats[:pending_messages] > most
      publish(some).tap { yield some.last + 1 if block_given? }
    end.all?
  end

  # @return [Array<Hash>] since the last call
  def outcomes
    Array.new(OUTCOMES.size) { OUTCOMES.pop }
  end
end
