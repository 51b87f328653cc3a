# frozen_string_literal: true

require "support/courier_runs"
require "support/faye_process"
require "tempfile"

# Processes that end without a goodbye while messages are on their way.
RSpec.describe "Killed", :courier do
  # Runs the block, again and again, after a random part of what is being published has arrived.
  def while_publishing(app, count, arrivals, times:)
    publishing = Thread.new { app.run("Producing.publish_in_step(0...#{count}); Pushable.flush(60)") }
    times.times do |i|
      due = ((i + random.rand) * count / times).floor
      wait_until("#{due} have arrived") { arrivals.read.count >= due }
      yield
    end
    expect(publishing.value).to be(true)
    expect(app.run("Pushable.stats")).to include(pushed: count, delivered: count, dropped: 0, rejected: 0)
  end

  it "twenty-two times under twenty-two thousand messages, the server gets all of them in order" do
    server = start_server
    server.meet(:slicer, 1000) # so that there is an acknowledgement to be cut in the middle
    app = start_app(server.url)
    while_publishing(app, 22_000, server.arrivals, times: 22) do
      server.kill
      server.start
      server.meet(:slicer, 1000)
    end
    expect_all("22 kills of the server", server.arrivals, 0...22_000)
  end

  it "four times under two thousand messages, a real Faye gets all of them in order" do
    arrivals = Arrivals.new
    logging = { requires: [File.expand_path("../support/logging_faye", __dir__)],
                env: { "PUSHABLE_TEST_ARRIVALS" => arrivals.path } }
    faye = FayeProcess.start(**logging)
    app = start_app(faye.url)
    while_publishing(app, 2000, arrivals, times: 4) do
      faye.kill
      faye = FayeProcess.start(port: faye.port, **logging)
    end
    verdict = arrivals.verdict(0...2000)
    CourierRuns.lines << "4 kills of a real Faye: #{verdict}"
    # Which acknowledgements a kill has cost is not in its log: some messages come twice.
    expect(verdict).to have_attributes(lost: [], arrived: 2000, reordered: 0)
  ensure
    faye&.kill
  end

  it "before the application has begun, the server gets all when it comes up" do
    server = start_server
    server.kill
    app = start_app(server.url)
    app.run("Producing.publish(0...1000)")
    wait_until("it has tried") { app.run("Pushable.stats[:retries]") >= 3 }
    server.start
    expect(app.run("Pushable.flush(60)")).to be(true)
    expect_all("server down at first", server.arrivals, 0...1000)
  end

  # What it loses then is what waited in its memory, the newest.
  2.times do |i|
    it "an application loses no more than its queue, and nothing comes twice or late (#{i})" do
      server = start_server
      server.meet(:latency, 5)
      app = start_app(server.url, queue_messages: 500)
      told = told_until_killed(app, server.arrivals, random.rand(1000..5000))
      server.stop # what it was about to take is not taken any more
      arrived = server.arrivals.read.count
      expect(told - arrived).to be <= 500
      expect_all("kill of the application (#{i}), which had #{told}", server.arrivals, 0...arrived)
    end
  end

  # @return [Integer] how many it had published when it last said so
  def told_until_killed(app, arrivals, due)
    told = Tempfile.new("told")
    publishing = Thread.new do
      app.run(<<~RUBY)
        File.open(#{told.path.inspect}, "w") do |file|
          file.sync = true
          Producing.publish_in_step(0...100_000, most: 300) { |published| file.puts(published) }
        end
      RUBY
    rescue RuntimeError => e
      e.message
    end
    wait_until("#{due} have arrived") { arrivals.read.count >= due }
    app.kill
    expect(publishing.value).to match(/the application ended/)
    Integer(told.readlines.last)
  end
end
