# frozen_string_literal: true

require "pushable/keys"
require "support/bayeux"
require "support/faye_process"
require "support/faye_subscriber"
require "support/fuzz/run"

# REQUESTS=20000 SEED=7 bundle exec rspec spec/pushable/server/fuzz_spec.rb
RSpec.describe "rake faye:start and random requests" do
  # KiB that the second half of the requests may add: who has vanished is known for 50 s, and Ruby keeps what it had.
  # From 15,000 requests on there is next to none.
  let(:growth) { 24 * 1024 }
  let(:requests) { Integer(ENV.fetch("REQUESTS", "3000")) }
  let(:seed) { Integer(ENV.fetch("SEED") { RSpec.configuration.seed }) }
  let(:key) { Pushable::Keys.publish("a secret") }
  let(:faye) { FayeProcess.start(env: { "PUSHABLE_SECRET" => "a secret" }) }

  after { faye.stop }

  def resident
    File.read("/proc/#{faye.pid}/status")[/^VmRSS:\s+(\d+)/, 1].to_i
  end

  it "answers or closes each, keeps serving, and takes no more memory" do
    subscriber = FayeSubscriber.start(faye.url, "/sync/members")
    run = Fuzz::Run.new(faye.url, key:, seed:)
    memory = [1, 2].map { run.send_requests(requests / 2) && resident }
    puts "", "SEED=#{seed} REQUESTS=#{requests}, memory after one half and all: #{memory.join(", ")} KiB", run.outcomes

    Bayeux.publish(faye.url, "/sync/members", "the last", headers: { "Authorization" => "Bearer #{key}" })
    expect(subscriber.wait_for_messages(1)).to eq([{ "channel" => "/sync/members", "data" => "the last" }])
    expect(faye.output).not_to include("error")
    expect(run.outcomes.values.flat_map(&:keys)).not_to include(:"500")
    expect(memory.last - memory.first).to be < growth
  ensure
    subscriber&.stop
  end
end
