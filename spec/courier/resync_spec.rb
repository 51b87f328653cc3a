# frozen_string_literal: true

require "support/browser"
require "support/courier_runs"
require "tempfile"

# An application that writes a table, a queue that is too small, a server that fails, hangs and is killed: a browser
# that fetches when it is told to ends with what stands in the table.
RSpec.describe "Drops, outages and resync", :courier do
  faults = [[:close_before], [:close_after], [:reset_peer], [:limit_data, 400], [:status, 500], [:latency, 100],
            [:timeout]]

  let(:server) { start_server }
  let(:log) { ArrivalLog.new(server.arrivals.path) }
  let(:database) { Tempfile.new("rows") }
  let(:app) do
    AppProcess.start(server.url, requires: "support/writing").tap do |writing|
      processes << writing
      writing.run("Writing.connect(#{database.path.inspect})")
      configure(writing, queue_messages: 20, timeout: 1, max_age: 1)
    end
  end

  # One that obeys, and one that does not.
  let(:browser) { Browser.new(app.run("Writing.channels")) { |channel| app.run("Writing.fetch(#{channel.inspect})") } }
  let(:deaf) { Browser.new(app.run("Writing.channels")) }

  # @return [Array<Hash>] what has come since the last time
  def listen
    lines = []
    log.each_new { |line| lines << line }
    (lines - Arrivals::MARKS).map { |line| JSON.parse(line) }.each do |message|
      browser.apply(message)
      deaf.apply(message)
    end
  end

  def fail_at_random(faults)
    if random.rand(4).zero?
      server.kill
      sleep random.rand(1.5)
      server.start
    else
      server.meet(*faults.sample(random:), times: random.rand(1..3))
    end
  end

  # A last message comes behind every word to fetch; it may itself be given up as too old.
  def finish
    server.meet(:none)
    wait_until("the last has come") do
      app.run("Pushable.publish('last', nil)")
      expect(app.run("Pushable.flush(60)")).to be(true)
      listen.any? { |message| message["channel"] == "/sync/last" && message["data"]["event"] == "update" }
    end
  end

  it "leave a browser equal to the table" do
    app.run("Writing.start(#{random.rand(1 << 32)}, 1000)")
    until app.run("Writing.over?")
      fail_at_random(faults)
      random.rand(100).times { listen && sleep(0.01) }
    end
    finish
    table = app.run("Writing.channels.to_h { |channel| [channel, Writing.fetch(channel)] }")
    # A channel is told once a second at most, so the last word to fetch may come behind the last message.
    wait_until("the browser shows the table") { listen && browser.collections == table }
    expect(deaf.collections).not_to eq(table)
    stats = app.run("Pushable.stats").slice(:pushed, :delivered, :overflowed, :expired, :rejected, :resyncs)
    expect(stats.slice(:overflowed, :resyncs).values).to all(be_positive)
    CourierRuns.lines << "drops, outages and resync: #{table.values.sum(&:size)} rows; #{stats}"
  end
end
