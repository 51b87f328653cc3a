# frozen_string_literal: true

# For examples that wait for something.
module Waiting
  # Waits until the block gives something, with a deadline that a busy machine meets.
  #
  # @return [Object] what the block gave
  # @raise [RuntimeError] naming what it waited for
  def wait_until(what, seconds: 60)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    until (value = yield)
      raise "waited #{seconds} s in vain until #{what}" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

      sleep 0.005
    end
    value
  end
end
