# frozen_string_literal: true

require "pushable/keys"
require "support/bayeux"
require "support/faye_process"
require "support/faye_subscriber"
require "support/fuzz/run"

# REQUESTS=20000 SEED=7 bundle exec rspec spec/pushable/server/fuzz_spec.rb
RSpec.describe "rake faye:start and random requests" do
  # KiB that may be left when the requests are over: Ruby keeps what it once had.
  let(:growth) { 24 * 1024 }
  let(:requests) { Integer(ENV.fetch("REQUESTS", "3000")) }
  let(:seed) { Integer(ENV.fetch("SEED") { RSpec.configuration.seed }) }
  let(:key) { Pushable::Keys.publish("a secret") }
  let(:faye) { FayeProcess.start(env: { "PUSHABLE_SECRET" => "a secret" }) }

  after { faye.stop }

  def memory
    File.read("/proc/#{faye.pid}/status")[/^VmRSS:\s+(\d+)/, 1].to_i
  end

  it "answers or closes each, keeps serving, and takes no more memory" do
    subscriber = FayeSubscriber.start(faye.url, "/sync/members")
    run = Fuzz::Run.new(faye.url, key:, seed:)
    run.send_requests(500) # what Ruby takes once
    before = memory
    run.send_requests(requests)
    after = memory
    puts "", "SEED=#{seed} REQUESTS=#{requests}, memory before and after: #{before} KiB, #{after} KiB", run.outcomes

    Bayeux.publish(faye.url, "/sync/members", "the last", headers: { "Authorization" => "Bearer #{key}" })
    expect(subscriber.wait_for_messages(1)).to eq([{ "channel" => "/sync/members", "data" => "the last" }])
    expect(faye.output).not_to include("error")
    expect(run.outcomes.values.flat_map(&:keys)).not_to include(:"500")
    expect(after - before).to be < growth
  ensure
    subscriber&.stop
  end
end
