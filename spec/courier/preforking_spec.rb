# frozen_string_literal: true

require "support/life"
require "support/visited_server"

# Active Record in servers that fork, and that end under requests: what was saved has been pushed.
RSpec.describe "A forking server", :courier, :life do
  before { serve(200) } # so that some wait at the end

  def start(name, settings)
    @app = VisitedServer.new(name, settings, "PUSHABLE_SERVER" => server.url)
    processes << app
  end

  def found
    Ledger::Taken.new(server.arrivals) { |object| [object["id"], 0] }.verdict(app.rows.map { |id| [id, 0] })
  end

  # The server leaves while four clients are at it.
  def leave_under_requests(signal)
    visits = app.visit
    app.wait_for_visits(100)
    app.stop(signal, seconds: 40)
    expect(visits.value).to be(true)
  end

  [["puma", "workers 2\nthreads 4, 4\npreload_app!", "TERM"],
   ["unicorn", "worker_processes 2\npreload_app true", "QUIT"]].each do |name, settings, signal|
    it "#{name} on #{signal}", gem: name do
      start(name, settings)
      leave_under_requests(signal)
      expect_all_noted(found)
    end
  end

  it "puma that starts its workers anew, one after the other", gem: "puma" do
    start("puma", "workers 2\nthreads 4, 4\npreload_app! false")
    visits = app.visit
    app.wait_for_visits(100)
    app.signal("USR1")
    app.wait_for_output(/Worker 0 .*phase: 1.*Worker 1 .*phase: 1/m, 60)
    app.stop(seconds: 40)
    expect(visits.value).to be(true)
    expect_all_noted(found)
  end

  # Its workers leave by exit!, and what waits is lost. An application that minds sends QUIT.
  it "unicorn on TERM loses what waits, and sends nothing twice", gem: "unicorn" do
    server.meet(:latency, 1000)
    start("unicorn", "worker_processes 2\npreload_app true")
    leave_under_requests("TERM")
    expect(found.lost).to be_positive
    expect([found.duplicated, found.reordered, found.unnoted]).to all(be_zero)
  end
end
