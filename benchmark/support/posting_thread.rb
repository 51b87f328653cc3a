# frozen_string_literal: true

require_relative "clients"
require_relative "counter"

module Bench
  # What one writes by hand in an afternoon: a queue, and a thread that posts one message after the other over one
  # connection. No limit, no second attempt.
  class PostingThread
    def initialize(url)
      @queue = Thread::Queue.new
      @posted = Counter.new
      Thread.new { work(Clients::Kept.new(url)) }.abort_on_exception = true
    end

    # @param message [String] JSON
    def <<(message)
      @queue << message
    end

    # Waits until so many more were posted.
    def await(count)
      @posted.await(count)
    end

    private

    def work(client)
      while (message = @queue.pop)
        client.post(message)
        @posted.increment
      end
    end
  end
end
