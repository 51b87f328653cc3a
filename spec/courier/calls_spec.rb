# frozen_string_literal: true

require "support/life"

# flush, pause and resume again and again, and shutdown, from wherever an application may call them, while it pushes.
RSpec.describe "Calls", :courier, :life do
  # Who is left paused is resumed by another, or at the end. After shutdown nothing is taken any more, so it comes last.
  calls = <<~RUBY
    CALLS = [-> { Pushable.pause }, -> { Pushable.resume }, -> { Pushable.flush(RANDOM.rand * 0.02) },
             -> { Pushable.stats }].freeze
    def call_any = CALLS.sample(random: RANDOM).call
  RUBY

  it "from a trap handler, 50 times" do
    serve(2)
    live_well(<<~RUBY, rounds: rounds(50))
      #{calls}
      trapped = 0
      trap("USR1") do
        call_any
        trapped += 1
      end
      ROUNDS.times do |i|
        Thread.new { sleep(RANDOM.rand * 0.01) && Process.kill("USR1", Process.pid) }
        courier_thread&.kill if (i % 10).zero?
        say(5) && sleep(0.001) until trapped > i
      end
      trap("TERM") do
        Pushable.shutdown(20)
        exit!(true)
      end
      say 300
      Process.kill("TERM", Process.pid)
      sleep
    RUBY
    expect_all_noted
  end

  it "under Timeout, 50 times" do
    serve(2)
    live_well(<<~RUBY, rounds: rounds(50))
      #{calls}
      ROUNDS.times do
        Timeout.timeout(0.001 + (RANDOM.rand * 0.02)) { loop { say(20) && call_any } }
      rescue Timeout::Error
        nil
      end
      say 300
      Timeout.timeout(20) { Pushable.shutdown(10) }
    RUBY
    expect_all_noted(unnoted: true)
  end

  it "from several threads, 50 times" do
    serve(2)
    live_well(<<~RUBY, rounds: rounds(50))
      #{calls}
      Array.new(4) { Thread.new { ROUNDS.times { say(5) && call_any } } }.each(&:join)
      say 300
      Array.new(4) { Thread.new { Pushable.shutdown(10) } }.each(&:join)
    RUBY
    expect_all_noted
  end

  # The fibers share the sayer of their thread, and none of them gives way while it says.
  it "from fibers with a scheduler, 50 times, and the others go on", gem: "async" do
    serve(2)
    live_well(<<~RUBY, rounds: rounds(50))
      require "async"
      #{calls}
      Async do |task|
        ticks = 0
        ticking = task.async { loop { task.sleep(0.001) && ticks += 1 } }
        pushing = 4.times.map do
          task.async do |own|
            ROUNDS.times do
              say 5
              own.with_timeout(0.05) { call_any }
            rescue Async::TimeoutError
              nil
            end
          end
        end
        pushing.each(&:wait)
        Pushable.resume
        say 2000
        before = ticks
        flush
        ticks > before or abort "nobody else had a turn"
        say 300
        Pushable.shutdown(10)
        ticking.stop
      end
    RUBY
    expect_all_noted
  end
end
