# frozen_string_literal: true

require "pushable"

# In an application of CourierApp's: `say 50` pushes 50 numbers and writes down those that were taken, for the spec's
# Ledger. Whatever goes wrong ends the process with another status than 0.
module Saying
  # The numbers of one thread of one process, from 0 on.
  Sayer = Struct.new(:pid, :name, :next)

  FILE = File.open(ENV.fetch("LEDGER"), "a")
  SEED = Integer(ENV.fetch("SEED"), 10)
  ROUNDS = Integer(ENV.fetch("ROUNDS"), 10)
  RANDOM = Random.new(SEED)
  ENOUGH = 2000 # messages that wait: far from a full queue

  module_function

  def say(count = 1)
    noted = []
    sayer = Saying.sayer
    count.times do
      number = sayer.next
      sayer.next += 1 # at once: wherever the caller is interrupted, no number is used twice
      Pushable.publish("numbers", { by: sayer.name, n: number }) or abort "#{sayer.name} #{number} was not taken"
      noted << "#{sayer.name} #{number}\n"
    end
  ensure
    FILE.syswrite(noted.join) unless noted.empty?
  end

  # For a caller that says more than the courier can bring: an application has other work, too.
  def say_in_turn(count = 1)
    Pushable.flush(0.001) while Pushable.stats[:pending_messages] > ENOUGH # gives the courier a thread, too
    say(count)
  end

  def flush(seconds = 20)
    Pushable.flush(seconds) || abort("not flushed: #{Pushable.stats}")
  end

  # Waits for children that have to succeed.
  def join(*children)
    children.flatten.each do |child|
      _, status = Process.wait2(child)
      status.success? or abort "a child failed: #{status}"
    end
  end

  def courier_thread = Thread.list.find { |thread| thread.name == "pushable" }

  def wait_until(what, seconds = 20)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    until yield
      abort "waited in vain until #{what}" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
      sleep 0.001
    end
  end

  def self.sayer
    sayer = Thread.current.thread_variable_get(:sayer)
    return sayer if sayer && sayer.pid == Process.pid

    Sayer.new(Process.pid, "#{Process.pid}.#{Thread.current.object_id}", 0)
         .tap { |fresh| Thread.current.thread_variable_set(:sayer, fresh) }
  end
end

Pushable.configure do |config|
  config.ca_file = ENV.fetch("CA_FILE", nil)
  config.exit_timeout = Float(ENV.fetch("EXIT_TIMEOUT", config.exit_timeout))
end
include Saying # rubocop:disable Style/MixinUsage -- it is all there is in that process
