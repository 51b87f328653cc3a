# frozen_string_literal: true

require "support/courier_runs"

# Five hundred messages through every fault there is: none is lost, none overtakes another.
RSpec.describe "A server that fails", :courier do
  # Where a person has to set something right, the courier rests for some seconds before it asks again.
  slow = [[:status, 401], [:status, 404], [:html], [:foreign_ids], [:huge]]
  quick = [[:latency, 100], [:bandwidth, 20], [:slicer, 50], [:timeout], [:reset_peer], [:limit_data, 40],
           [:limit_data, 400], [:close_before], [:close_after], [:close], [:status, 500], [:status, 429],
           [:too_large, 3000]]
  rounds = 5

  # All at once: most of their time is spent waiting.
  before(:context) do
    @runs = (slow.map { |fault| [fault, 1] } + quick.map { |fault| [fault, rounds] }).to_h do |fault, times|
      [fault, Thread.new { run(fault, times) }]
    end
  end
  after(:context) { stop_processes }

  # @return [Array] what the server took, and what the application counted
  def run(fault, faults, server = start_server)
    app = start_app(server.url, **(fault == [:timeout] ? { timeout: 2 } : {}))
    random = Random.new(CourierRuns.seed)
    5.times do |round|
      server.meet(*fault, times: random.rand(1..2)) if round < faults
      app.run("Producing.publish(#{round * 100}...#{(round * 100) + 100})")
      raise "#{fault.join(" ")}: #{app.run("Pushable.stats")}" unless app.run("Pushable.flush(60)")
    end
    [server.arrivals, app.run("Pushable.stats"), server.stats]
  end

  (slow + quick).each do |fault|
    it "with #{fault.join(" ")} loses nothing and keeps the order" do
      arrivals, stats, = @runs.fetch(fault).value
      expect_all("fault #{fault.join(" ")}", arrivals, 0...500)
      expect(stats).to include(pushed: 500, delivered: 500, dropped: 0, rejected: 0, pending_messages: 0)
    end
  end
end
