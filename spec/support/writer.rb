# frozen_string_literal: true

require "concurrent"

# A thread with a transaction of its own, whose steps an example gives one by one.
#
#   ann = Writer.new
#   ann.run { member.update!(age: 1) }           # runs inside the transaction; gives what the block gives
#   step = ann.start { member.update!(age: 2) }  # the same, without waiting
#   step.value!
#   ann.commit
#
# A step that raises ends the transaction, as it does in an application.
class Writer
  SECONDS = 30

  def initialize(**options)
    @steps = Queue.new
    @thread = Thread.new do
      Thread.current.report_on_exception = false # commit raises it
      ActiveRecord::Base.transaction(**options) { work }
    end
  end

  def start(&block)
    Concurrent::Promises.resolvable_future.tap { |answer| @steps << [block, answer] }
  end

  def run(&)
    answer = start(&)
    raise "a writer's step is not over after #{SECONDS} s" unless answer.wait(SECONDS)

    answer.value!
  end

  def commit
    @steps.close
    raise "a writer has not committed after #{SECONDS} s" unless @thread.join(SECONDS)
  end

  # For an example that ended early: its rows must not stay locked.
  def abandon
    @thread.kill.join if @thread.alive?
  end

  private

  def work
    while (block, answer = @steps.pop)
      begin
        answer.fulfill(block.call)
      rescue StandardError => e
        answer.reject(e)
        raise
      end
    end
  end
end
