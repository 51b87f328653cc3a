# frozen_string_literal: true

require "pushable/server"
require "redis-client"
require "support/bayeux"
require "support/faye_process"
require "support/faye_subscriber"
require "support/persistent_publisher"
require "support/redis_server"
require "support/sentinel"
require "support/waiting"

# Several servers with one redis=.
RSpec.describe "rake faye:start with redis=" do
  include Waiting

  before(:context) do
    @redis = [RedisServer.new] # and what it is restarted as
    @nodes = start(3)
  end

  after(:context) { [*@nodes, redis].each(&:stop) }
  after { subscribers.each(&:stop) }

  let(:subscribers) { [] }
  let(:channel) { "/sync/c#{rand(1 << 40)}" }
  let(:raw) { RedisClient.new(url: redis.url) }

  def redis = @redis.last

  def start(count, of: redis, **options)
    Array.new(count) { Thread.new { FayeProcess.start(redis: of.url, **options) } }.map(&:value)
  end

  def subscribe(node, *channels, **options)
    FayeSubscriber.start(node.url, *channels, **options).tap { |subscriber| subscribers << subscriber }
  end

  def numbers(subscriber)
    subscriber.messages.filter_map { |message| message["data"]["n"] if message["channel"] == channel }
  end

  def told_to_fetch?(subscriber)
    subscriber.messages.any? { |message| message["channel"] == "/sync/$all" && message["data"]["event"] == "resync" }
  end

  # @return [Hash] what a subscriber is told who has seen that
  def replay(node, **seen)
    client = Bayeux.handshake(node.url)
    reply = Bayeux.call(node.url, [{ channel: "/meta/subscribe", clientId: client, subscription: channel,
                                     ext: { pushable: seen } }]).first
    reply.dig("ext", "pushable")
  end

  def health(node)
    response = Net::HTTP.get_response(URI.join(node.url, "/health"))
    [response.code, response.body]
  end

  def publish(node, number)
    expect(Bayeux.publish(node.url, channel, { "n" => number })).to match([include("successful" => true)])
  end

  # Where no server sees it.
  def publish_elsewhere(count)
    elsewhere = redis.again(port: RedisServer.free_port)
    stream = Pushable::Server::Stream.new(RedisClient.config(url: elsewhere.url), length: 1000)
    stream.append(Array.new(count) { JSON.generate(channel: "/sync/other", data: {}) }, nil)
  ensure
    elsewhere&.stop
  end

  def position(node) = replay(node).slice("epoch", "seq")

  it "hands the subscribers of all what was published at any, in one order" do
    all = @nodes.flat_map { |node| %w[websocket long-polling].map { |transport| subscribe(node, channel, transport:) } }
    publishers = @nodes.map { |node| PersistentPublisher.new(node.url, channel:, count: 200, batch: 7) }
    publishers.each(&:wait)
    orders = all.map { |subscriber| subscriber.wait_for_messages(600).map { |message| message["data"] } }
    expect(orders.uniq.size).to be(1)
    expect(orders.first.map { |data| data["n"] }.tally).to eq((0...200).to_h { |n| [n, 3] })
    seqs = orders.first.map { |data| data["seq"].to_i(36) }
    expect(seqs).to eq(seqs.sort.uniq)
  end

  it "keeps the order of a batch, and of one batch after the other" do
    subscriber = subscribe(@nodes[0], channel)
    PersistentPublisher.new(@nodes[1].url, @nodes[2].url, channel:, count: 500, batch: 50).wait
    subscriber.wait_for_messages(500)
    expect(numbers(subscriber)).to eq((0...500).to_a)
  end

  it "puts nothing into the stream that is refused" do
    before = raw.call("XLEN", "pushable:stream")
    replies = Bayeux.call(@nodes[0].url, [{ channel: "/sync/a b", data: 1 }, { channel: "/sync/a" },
                                          { channel: "/meta/x", data: 1 }, { channel: "/sync/a", data: 1, error: "x" },
                                          { channel: 5, data: 1 }, { channel: "/sync/a\nb", data: 1 }])
    expect(replies.map { |reply| reply["successful"] }).to eq([false] * 6)
    expect(raw.call("XLEN", "pushable:stream")).to eq(before)
  end

  it "loses nothing that was acknowledged while Redis hangs for 5 s" do
    all = @nodes.map { |node| subscribe(node, channel) }
    publisher = PersistentPublisher.new(@nodes[0].url, channel:, batch: 3, pause: 0.02)
    publisher.wait_for(30)
    redis.pause { sleep 5 }
    publisher.wait_for(publisher.taken.size + 30)
    publisher.finish
    expect(publisher.refusals).to include(/\A503:/)
    all.each { |subscriber| wait_until("all are there") { (publisher.taken - numbers(subscriber)).empty? } }
    expect(all.map { |subscriber| numbers(subscriber) }.uniq.size).to be(1)
    expect(all.flat_map(&:transports).uniq).to eq(["websocket"]) # the subscribers have stayed
    expect(all.flat_map { |subscriber| subscriber.lines("down") }).to be_empty
  end

  it "loses nothing that was acknowledged while Redis is restarted from its file" do
    all = @nodes.map { |node| subscribe(node, channel, "/sync/$all") }
    epoch = position(@nodes[0])["epoch"]
    publisher = PersistentPublisher.new(@nodes[0].url, channel:, pause: 0.02)
    publish(@nodes[1], -1)
    publisher.wait_for(30)
    redis.stop
    wait_until("a publish was refused") { publisher.refusals.any? }
    @nodes.each { |node| wait_until("its health says so") { health(node) == ["503", "Redis is away\n"] } }
    @redis << redis.again
    publisher.wait_for(publisher.taken.size + 30)
    publisher.finish
    publish(@nodes[1], 1_000_000) # whose connection to Redis is one to the old
    all.each { |s| wait_until("all are there") { ([*publisher.taken, 1_000_000] - numbers(s)).empty? } }
    expect(all.map { |subscriber| told_to_fetch?(subscriber) }).to all(be(false))
    expect(position(@nodes[0])["epoch"]).to eq(epoch)
  end

  it "starts a server with the history that the others have" do
    publish = ->(n) { publish(@nodes[n % 3], n) }
    subscriber = subscribe(@nodes[0], channel)
    5.times(&publish)
    subscriber.wait_for_messages(5)
    seen = position(@nodes[0]).transform_keys(&:to_sym)
    (5...20).each(&publish)
    new = start(1).first
    told = [*@nodes, new].map { |node| replay(node, **seen) }
    expect(told.uniq.size).to be(1)
    expect(told.first["missed"].map { |data| data["n"] }).to eq((5...20).to_a)
  ensure
    new&.stop
  end

  it "tells the pages to fetch when the stream was lost, and goes on" do
    all = @nodes.map { |node| subscribe(node, "/sync/$all", channel) }
    before = position(@nodes[0])
    raw.call("FLUSHALL")
    all.each { |subscriber| wait_until("it is told") { told_to_fetch?(subscriber) } }
    Bayeux.publish(@nodes[0].url, channel, { "n" => 1 })
    all.each { |subscriber| wait_until("it goes on") { numbers(subscriber) == [1] } }
    expect(@nodes.map { |node| replay(node, **before.transform_keys(&:to_sym)) }).to all(include("resync" => true))
    expect(@nodes.map { |node| position(node) }.uniq.size).to be(1)
  end

  it "tells the pages to fetch when the stream was lost, and goes on with a message already" do
    all = @nodes.map { |node| subscribe(node, "/sync/$all", channel) }
    raw.call("FLUSHALL")
    publish(@nodes[0], 1)
    all.each { |subscriber| wait_until("it is told") { told_to_fetch?(subscriber) } }
    publish(@nodes[1], 2)
    all.each { |subscriber| wait_until("it goes on") { numbers(subscriber).last == 2 } }
  end

  it "tells the pages to fetch when Redis comes back with an older file and other messages since" do
    all = @nodes.map { |node| subscribe(node, "/sync/$all", channel) }
    publish(@nodes[0], 1)
    redis.keep_files
    publish(@nodes[0], 2)
    all.each { |subscriber| wait_until("it has both") { numbers(subscriber) == [1, 2] } }
    before = position(@nodes[0])
    redis.stop
    redis.restore_files
    publish_elsewhere(3)
    @redis << redis.again
    all.each { |subscriber| wait_until("it is told") { told_to_fetch?(subscriber) } }
    expect(@nodes.map { |node| position(node) }).to all(include("epoch" => satisfy { |e| e != before["epoch"] }))
    wait_until("it goes on") { Bayeux.publish(@nodes[0].url, channel, { "n" => 3 }).first["successful"] }
    all.each { |subscriber| wait_until("it goes on") { numbers(subscriber) == [1, 2, 3] } }
  end

  it "tells the pages of a server to fetch that has fallen behind the stream's end, and no others" do
    own = RedisServer.new
    behind, other = start(2, of: own, stream_messages: 100)
    all = [behind, other].map { |node| subscribe(node, "/sync/$all", channel) }
    behind.signal("STOP")
    PersistentPublisher.new(other.url, channel:, count: 500, batch: 50).wait
    behind.signal("CONT")
    wait_until("it is told") { told_to_fetch?(all[0]) }
    all[1].wait_for_messages(500)
    Bayeux.publish(other.url, channel, { "n" => 500 })
    all.each { |subscriber| wait_until("it goes on") { numbers(subscriber).last == 500 } }
    expect(told_to_fetch?(all[1])).to be(false)
  ensure
    [behind, other, own].compact.each(&:stop)
  end

  it "starts without Redis, refuses what is published, and takes it once Redis is there" do
    own = RedisServer.new.tap(&:stop)
    node = start(1, of: own).first
    expect(node.output.scan(/Redis is away.*/)).to match([/publishes are refused until it is there/])
    subscriber = subscribe(node, channel)
    reply = Bayeux.publish(node.url, channel, { "n" => 1 }).first
    expect(reply).to include("successful" => false, "error" => /\A503:/)
    expect(health(node)).to eq(["503", "Redis is away\n"])
    own = own.again
    node.wait_for_output(/Redis is back/)
    PersistentPublisher.new(node.url, channel:, count: 1).wait
    subscriber.wait_for_messages(1)
    expect(health(node).first).to eq("200")
  ensure
    [node, own].compact.each(&:stop)
  end

  it "follows a sentinel to the new master" do
    sentinel = Sentinel.new
    nodes = start(2, of: sentinel)
    all = nodes.map { |node| subscribe(node, channel, "/sync/$all") }
    publisher = PersistentPublisher.new(nodes[0].url, channel:, batch: 5, pause: 0.05)
    publisher.wait_for(20)
    sentinel.master.kill
    publisher.wait_for(publisher.taken.size + 20)
    publisher.finish
    # What had not reached the replica is lost, and the pages are told so.
    all.each { |s| wait_until("all are there") { (publisher.taken - numbers(s)).empty? || told_to_fetch?(s) } }
    expect(all.map { |subscriber| numbers(subscriber).last }).to all(eq(publisher.taken.last))
  ensure
    [*nodes, sentinel].compact.each(&:stop)
  end
end
