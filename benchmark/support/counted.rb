# frozen_string_literal: true

require "pushable"

# The queue fills and nobody empties it: the courier's thread would count as the saves'.
Pushable::Courier.prepend(Module.new do
  def start_thread
    @thread = Thread.current
  end
end)

module Bench
  # For the scripts whose instructions are counted (Callgrind).
  module Counted
    module_function

    # Runs a block between two marks: callgrind writes its counts whenever it sees this system call.
    # @param name [String]
    def part(name)
      Process.getpgid(0)
      yield
      Process.getpgid(0)
      puts name
    end

    # Ends the process at once: the messages have no server to go to.
    # @param expected [Integer] how many there have to be
    def leave(expected)
      queued = Pushable.stats[:pending_messages]
      warn "#{$PROGRAM_NAME}: #{queued} messages are queued, not #{expected}" unless queued == expected
      $stdout.flush
      exit!(queued == expected)
    end
  end
end
