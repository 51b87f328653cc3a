# frozen_string_literal: true

require "support/certificates"
require "support/life"
require "support/tls_relay"
require "tmpdir"

# Processes that fork while the courier is at work. A child sends its own messages by a connection of its own, and
# touches neither the parent's nor what waits there.
RSpec.describe "Forks:", :courier, :life do
  it "20 in a loop that pushes" do
    serve(3)
    live_well(<<~RUBY, rounds: rounds(20))
      require "support/forking"
      children = ROUNDS.times.map do |i|
        say_in_turn 100
        fork_off(i).tap { say_in_turn 100 }
      end
      join children
    RUBY
    expect_all_noted
  end

  it "100 while 4 threads push" do
    serve(3)
    live_well(<<~RUBY, rounds: rounds(100))
      require "support/forking"
      done = false
      threads = Array.new(4) { Thread.new { say_in_turn(5) && sleep(0.01) until done } }
      ROUNDS.times.each_slice(10) { |round| join(round.map { |i| fork_off(i, AT_ONCE) }) }
      done = true
      threads.each(&:join)
    RUBY
    expect_all_noted
  end

  it "while a POST is on its way by TLS, whose one connection stays the parent's" do
    serve(20)
    pair = Certificates.pair(Dir.mktmpdir("pushable"))
    relay = TlsRelay.new(server.port, *pair)
    live_well(<<~RUBY, url: relay.url, rounds: rounds(14), CA_FILE: pair.last)
      require "support/forking"
      at_exit { flush && Pushable.stats[:connections] <= 1 or abort "connections: \#{Pushable.stats}" }
      say and flush
      children = ROUNDS.times.map do |i|
        say 5
        wait_until("a POST is on its way") { Pushable.stats[:pending_messages].positive? }
        fork_off(i)
      end
      join children
    RUBY
    expect_all_noted
    expect(relay.connections).to eq(ledger.noted.map(&:first).uniq.size)
  ensure
    relay&.stop
  end

  it "within forks" do
    serve(3)
    live_well(<<~RUBY, rounds: rounds(3))
      def descend(depth)
        say 30
        child = fork { descend(depth - 1) } if depth.positive?
        say 30
        join child if child
      end
      ROUNDS.times { descend(3) }
    RUBY
    expect_all_noted
  end

  # At the end of popen's block the child leaves without at_exit, as by exit!.
  it "by popen(\"-\")" do
    serve(3)
    live_well(<<~RUBY, rounds: rounds(5))
      ROUNDS.times do
        say 30
        IO.popen("-") { |child| child ? say(30) && child.read : say(30) && flush }
        $?.success? or abort "the child failed: \#{$?}"
        child = IO.popen("-") or say(30) && exit
        say 30
        child.close
        $?.success? or abort "the child failed: \#{$?}"
      end
    RUBY
    expect_all_noted
  end

  it "of a daemon, which leaves its terminal and goes on" do
    serve(3)
    live_well(<<~RUBY)
      say 300
      Process.daemon(true, true)
      say 300
    RUBY
    # The one whose end was waited for has left the daemon behind.
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 20
    until ledger.noted.size == 600 && verdict.lost.zero?
      raise "still missing: #{verdict}" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

      sleep 0.02
    end
    expect_all_noted
  end

  it "of workers that each do their part, as parallel tests and jobs do" do
    serve(3)
    live_well(<<~RUBY, rounds: rounds(2))
      say 100
      ROUNDS.times do
        join(Array.new(4) { fork { Array.new(2) { Thread.new { say_in_turn 300 } }.each(&:join) } })
      end
      say 100
    RUBY
    expect_all_noted
  end
end
