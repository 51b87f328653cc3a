# frozen_string_literal: true

require "support/life"

# What Ruby interrupts threads with, at random moments while messages are pushed and on their way: the transfer goes on,
# and a courier whose thread has ended is revived by the next push.
RSpec.describe "Interrupted", :courier, :life do
  # The block interrupts, a few milliseconds from now, who is pushing meanwhile.
  later = <<~RUBY
    def later(&interrupt) = Thread.new { sleep(RANDOM.rand * 0.01) && interrupt.call }
    def say_until(error)
      loop { say_in_turn }
    rescue error
      nil
    end
  RUBY

  it "50 times by Ctrl-C, of which the application thinks nothing" do
    serve(2)
    live_well(<<~RUBY, rounds: rounds(50))
      #{later}
      ROUNDS.times do
        later { Process.kill("INT", Process.pid) }
        say_until Interrupt
      end
    RUBY
    expect_all_noted(unnoted: true)
  end

  it "50 times by Timeout, while it pushes and while it waits" do
    serve(2)
    live_well(<<~RUBY, rounds: rounds(50))
      ROUNDS.times do |i|
        work = i.even? ? -> { say_in_turn } : -> { say(20) && Pushable.flush(5) }
        Timeout.timeout(0.001 + (RANDOM.rand * 0.01)) { loop(&work) }
        abort "not timed out"
      rescue Timeout::Error
        nil
      end
    RUBY
    expect_all_noted(unnoted: true)
  end

  { "killed" => "kill", "raised into" => "tap { |thread| thread.report_on_exception = false }.raise('as planned')" }
    .each do |name, deed|
    it "50 times, its own thread #{name}" do
      serve(2)
      live_well(<<~RUBY, rounds: rounds(50))
        #{later}
        ROUNDS.times do
          say 20
          thread = courier_thread or abort "there is no courier"
          ended = later { thread.#{deed} }
          say_in_turn while thread.alive?
          ended.join
        end
        say # if it ended with nothing left to send, only now
        flush
        courier_thread&.alive? or abort "it was not revived"
      RUBY
      expect_all_noted
    end
  end

  it "50 times by a trap whose handler pushes, too" do
    serve(2)
    live_well(<<~RUBY, rounds: rounds(50))
      #{later}
      trapped = 0
      trap("USR1") do
        Pushable.publish("numbers", { by: "trap", n: trapped += 1 }) or abort "not taken"
        FILE.syswrite("trap \#{trapped}\n")
      end
      ROUNDS.times do |i|
        later { Process.kill("USR1", Process.pid) }
        say_in_turn until trapped > i
      end
    RUBY
    expect_all_noted
  end

  it "50 times, a thread killed that pushes" do
    serve(2)
    live_well(<<~RUBY, rounds: rounds(50))
      #{later}
      ROUNDS.times do
        thread = Thread.new { loop { say_in_turn } }
        later { thread.kill }
        thread.join
      end
    RUBY
    expect_all_noted(unnoted: true)
  end
end
