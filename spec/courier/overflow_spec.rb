# frozen_string_literal: true

require "support/courier_runs"

# More messages than the queue holds, while the server hangs: the oldest are dropped and counted, the newest arrive, and
# who may have missed one is told to fetch.
RSpec.describe "A full queue", :courier do
  let(:server) { start_server.tap { |hanging| hanging.meet(:timeout) } }
  let(:count) { 200_000 }

  def resident(app) = Integer(File.read("/proc/#{app.pid}/status")[/^VmRSS:\s+(\d+) kB/, 1]) * 1024

  # What came: numbers, and for a resync its channel.
  def arrivals
    [].tap do |all|
      ArrivalLog.new(server.arrivals.path).each_new do |line|
        next if Arrivals::MARKS.include?(line)

        message = JSON.parse(line)
        all << (message["data"]["event"] == "resync" ? message["channel"] : message["data"]["object"]["n"])
      end
    end
  end

  it "drops the oldest, exactly counted, in bounded memory, and tells its channel to fetch before what is newer" do
    app = start_app(server.url)
    app.run("Producing.publish(0...1000)")
    wait_until("some are under way") { server.stats[:requests].positive? }
    before = resident(app)
    app.run("Producing.publish(1000...#{count}, Hash.new('x' * 1000))")
    expect(resident(app) - before).to be < (2 * 8 * 1024 * 1024) + (10 * 1024 * 1024)

    stats = app.run("Pushable.stats")
    expect(stats).to include(pushed: count, delivered: 0, rejected: 0, pending_bytes: be <= 8 * 1024 * 1024)
    expect(stats[:overflowed]).to eq(count - stats[:pending_messages]).and eq(stats[:dropped])
    told = 0
    wait_until("it is told of all") { (told += app.run("Producing.told(:drop)")) >= stats[:overflowed] }
    expect(told).to eq(stats[:overflowed])

    server.kill
    server.start
    expect(app.run("Pushable.flush(60)")).to be(true)
    expect_arrived(stats[:overflowed])
    expect(app.run("Pushable.stats")).to include(delivered: count - stats[:overflowed], resyncs: 1, pending_messages: 0)
  end

  # First what was under way, then the word to fetch, then all the newest without a hole.
  def expect_arrived(dropped)
    oldest, channels, newest = arrivals.slice_when { |one, next_one| one.class != next_one.class }.to_a
    under_way = oldest.size
    expect([oldest, channels, newest])
      .to eq([(0...under_way).to_a, ["/sync/numbers"], ((under_way + dropped)...count).to_a])
    CourierRuns.lines << "full queue: published #{count}, dropped #{dropped}, before the resync #{under_way}, " \
                         "after it #{newest.size}"
  end

  it "of more channels than are kept apart tells every page to fetch" do
    app = start_app(server.url, queue_messages: 100)
    app.run("3000.times { |i| Pushable.publish(%(channel_\#{i}), { n: i }) }")
    server.kill
    server.start
    expect(app.run("Pushable.flush(60)")).to be(true)
    expect(arrivals.grep(String)).to eq(["/sync/$all"])
    expect(arrivals.last).to eq(2999)
  end
end
