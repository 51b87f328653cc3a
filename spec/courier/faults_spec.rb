# frozen_string_literal: true

require "support/courier_runs"

# Five hundred messages through every fault there is: none is lost, none overtakes another.
RSpec.describe "A server that fails", :courier do
  let(:server) { start_server }

  # A hundred messages, five times; each time the server fails as often as told, as long as there are faults.
  def send_through(fault, app, faults: Array.new(5) { random.rand(1..2) })
    5.times do |i|
      server.meet(*fault, times: faults[i] || 0)
      app.run("Producing.publish(#{i * 100}...#{(i * 100) + 100})")
      raise app.run("[Pushable.stats, Producing.outcomes]").inspect unless app.run("Pushable.flush(60)")
    end
    expect(app.run("Pushable.stats")).to include(pushed: 500, delivered: 500, dropped: 0, rejected: 0)
    expect_all("fault #{fault.join(" ")}", server.arrivals, 0...500)
  end

  describe "for a moment" do
    before(:context) { @app = AppProcess.start("http://localhost/faye", requires: "support/producing") }
    after(:context) { @app.stop }

    [[:latency, 100], [:bandwidth, 20], [:slicer, 50], [:reset_peer], [:limit_data, 400], [:close_before],
     [:close_after], [:close], [:status, 500], [:status, 429], [:too_large, 3000]].each do |fault|
      it "with #{fault.join(" ")} loses nothing and keeps the order" do
        configure(@app, server: server.url)
        send_through(fault, @app)
      end
    end

    it "by saying nothing loses nothing and keeps the order" do
      configure(@app, server: server.url, timeout: 2)
      send_through([:timeout], @app, faults: [1])
    end
  end

  # A person has to set something right here, so the courier rests for some seconds before it asks again. What else
  # looks so to it is in spec/core.
  it "with a page that is no Faye's loses nothing and keeps the order" do
    send_through([:html], start_app(server.url), faults: [1])
  end
end
