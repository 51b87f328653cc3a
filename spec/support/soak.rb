# frozen_string_literal: true

require_relative "app_process"
require_relative "fault_server"

# An application that publishes without a rest, to a server that fails at random and is killed now and then; and what
# the application's process holds afterwards more than before.
#
# After each fault something is delivered: a message on which a server ends three times in a row is taken for what
# kills it, and given up (spec/courier/poison_spec.rb).
#
#   soak = Soak.new(random: Random.new(1))
#   soak.run(600)       # seconds
#   soak.verdict        # Arrivals::Verdict
#   soak.holdings       # [{ bytes: 50_000_000, descriptors: 9 }, ...]: after a warm-up, and then ten times
#   soak.stop
class Soak
  FAULTS = [[:latency, 30], [:bandwidth, 200], [:slicer, 200], [:reset_peer], [:limit_data, 400], [:close_before],
            [:close_after], [:close], [:status, 500], [:status, 429], [:too_large, 3000]].freeze
  # These keep the courier waiting for seconds.
  LONG_FAULTS = [[:timeout], [:html]].freeze
  KILLS = 10 # one of so many faults is a kill
  SECONDS = 0.02..0.2 # from one to the next
  WARM_UP = 5 # seconds, until the process has what it keeps for good

  attr_reader :kills, :faults, :holdings, :stats

  # @param long [Boolean] also the faults that take seconds
  # @param rate [Integer] messages a second, about
  def initialize(random:, long: false, rate: 1000)
    @random = random
    @choice = long ? (FAULTS * 20) + LONG_FAULTS : FAULTS
    @rate = rate
    @kills = @faults = 0
    @holdings = []
    @server = FaultServer.start
    @app = AppProcess.start(@server.url, requires: "support/producing")
    @app.run("Pushable.configure { |config| config.timeout = 2; config.queue_messages = 100_000 }")
  end

  def run(seconds)
    fail_for([WARM_UP, seconds * 0.25].min)
    @holdings << hold
    10.times do
      fail_for(seconds / 10.0)
      @holdings << hold
    end
    @stats = @app.run("Pushable.stats")
  end

  # @param what [Symbol] bytes or descriptors
  # @return [Integer] how much more at the end than after the warm-up
  def growth(what) = holdings.last[what] - holdings.first[what]

  def verdict = @verdict ||= @server.arrivals.verdict(0...published)
  def published = @app.run("Producing.published")

  def stop
    @app.stop
    @server.stop
  end

  private

  def fail_for(seconds)
    @app.run("Producing.start(#{@rate})")
    deadline = now + seconds
    fail_once while now < deadline
    @app.run("Producing.stop")
    @server.meet(:none)
    raise "not delivered: #{@app.run("[Pushable.stats, Producing.outcomes]")}" unless @app.run("Pushable.flush(90)")
  end

  def fail_once
    sleep @random.rand(SECONDS)
    if @random.rand(KILLS).zero?
      @kills += 1
      @server.kill
      @server.start
    else
      @faults += 1
      @server.meet(*@choice.sample(random: @random), times: @random.rand(1..2))
    end
    wait_until { @server.stats[:faults_left].zero? }
    before = delivered
    wait_until { delivered > before }
    @server.arrivals.read
  end

  def delivered = @app.run("Pushable.stats[:delivered]")

  def wait_until(seconds: 90)
    deadline = now + seconds
    until yield
      raise "not delivered for #{seconds} s: #{@app.run("Pushable.stats")}" if now > deadline

      sleep 0.005
    end
  end

  def hold
    @app.run("Producing.outcomes; 4.times { GC.start }")
    { bytes: Integer(File.read("/proc/#{@app.pid}/status")[/^VmRSS:\s+(\d+) kB/, 1]) * 1024,
      descriptors: Dir.children("/proc/#{@app.pid}/fd").size }
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
