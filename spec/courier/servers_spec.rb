# frozen_string_literal: true

require "support/courier_runs"
require "support/faye_process"
require "support/other_servers"

# The servers that an application may have: all arrives, once and in order.
RSpec.describe "A real Faye", :courier do
  let(:arrivals) { Arrivals.new }
  let(:logging) { { "PUSHABLE_TEST_ARRIVALS" => arrivals.path } }
  let(:thin) { keep(FayeProcess.start(requires: [File.expand_path("../support/logging_faye", __dir__)], env: logging)) }

  def keep(process) = process.tap { processes << process }

  # Some by themselves, with pauses, and then many at once.
  def expect_all_from(app, run)
    30.times { |n| app.run("Producing.publish([#{n}]); Pushable.flush(30)") }
    app.run("Producing.publish(30...1500)")
    expect(app.run("Pushable.flush(60)")).to be(true)
    expect_all(run, arrivals, 0...1500)
    expect(app.run("Pushable.stats")).to include(delivered: 1500, dropped: 0, rejected: 0, down: false)
    expect(app.run("Producing.outcomes")).to be_empty
  end

  it "behind nginx gets all" do
    expect_all_from(start_app(keep(Nginx.new(thin.port)).url), "nginx before rake faye:start")
  end

  it "on node gets all" do
    expect_all_from(start_app(keep(FayeOnNode.new(env: logging)).url), "npm's faye on node")
  end

  puma = Gem.loaded_specs.key?("puma")
  it "on Puma, which closes each connection, gets all", skip: ("there is no puma in this bundle" unless puma) do
    app = start_app(keep(FayeOnPuma.new(env: logging)).url)
    expect_all_from(app, "Faye on Puma")
    expect(app.run("Pushable.stats[:connections]")).to be > 30
  end
end
