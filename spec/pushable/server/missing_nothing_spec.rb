# frozen_string_literal: true

require "support/bayeux"
require "support/faye_process"
require "support/faye_subscriber"
require "support/redis_server"
require "support/replayed_stream"
require "support/tcp_relay"

# Real clients that lose their connection, and what the server does about it.
RSpec.describe "Missing nothing" do
  let(:channel) { "/sync/members" }

  def publish(url, *numbers)
    Bayeux.call(url, numbers.map { |n| { "channel" => channel, "data" => { "id" => "id-#{n}", "n" => n } } })
  end

  def now = Process.clock_gettime(Process::CLOCK_REALTIME, :microsecond)

  def story(subscriber)
    subscriber.lines("channel", "resync").map { |line| line.key?("resync") ? :resync : line["data"]["n"] }
  end

  it "brings a page what came between its render and its subscription" do
    faye = FayeProcess.start
    publish(faye.url, 1)
    time = now
    publish(faye.url, 2, 3)
    subscriber = FayeSubscriber.start(faye.url, channel, replay: { time: })
    publish(faye.url, 4)
    subscriber.wait_for_messages(3)

    expect(story(subscriber)).to eq([2, 3, 4])
  ensure
    subscriber&.stop
    faye&.stop
  end

  it "tells a page that was rendered before the server started" do
    faye = FayeProcess.start
    subscriber = FayeSubscriber.start(faye.url, channel, replay: { time: now - (3600 * 1_000_000) })
    publish(faye.url, 1)
    subscriber.wait_for_messages(1)

    expect(story(subscriber)).to eq([:resync, 1])
  ensure
    subscriber&.stop
    faye&.stop
  end

  # REPLAY_SEEDS="1 2 3" runs other courses of events.
  ENV.fetch("REPLAY_SEEDS", Random.new_seed % 100_000).to_s.split.map(&:to_i).each do |seed|
    it "is so under 2,000 messages, 8 lost connections and 2 restarts (seed #{seed})" do
      stream = ReplayedStream.new(seed:)
      stream.run

      expect(stream.unexplained).to eq([])
      expect([stream.restarts, stream.resyncs]).to eq([2, [2, 2]])
      expect(stream).to have_attributes(cuts: 8, swallowed: be >= 8 * ReplayedStream::BATCH)
      expect(stream.transports).to eq(ReplayedStream::TRANSPORTS)
    ensure
      stream&.stop
    end

    it "is so with Redis, where a restart loses nothing (seed #{seed})" do
      redis = RedisServer.new
      stream = ReplayedStream.new(seed:, redis: redis.url)
      stream.run

      expect(stream.unexplained).to eq([])
      expect([stream.restarts, stream.resyncs]).to eq([2, [0, 0]])
      expect(stream).to have_attributes(cuts: 8, swallowed: be >= 8 * ReplayedStream::BATCH)
    ensure
      stream&.stop
      redis&.stop
    end
  end
end
