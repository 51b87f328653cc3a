# frozen_string_literal: true

require "support/certificates"
require "support/faye_process"
require "support/faye_subscriber"
require "support/other_servers"
require "support/persistent_publisher"
require "support/redis_server"
require "tmpdir"

# Three servers as docs/operations.md has them: with one Redis, behind nginx with the configuration of that page.
RSpec.describe "Several servers behind nginx" do
  def page_snippets
    page = File.read(File.expand_path("../../../docs/operations.md", __dir__))
    page[/^### Behind nginx$.*?^### Is it well/m].scan(/^```nginx\n(.*?)^```$/m).flatten
  end

  def site(port, nodes, key, cert)
    server, upstream = page_snippets
    server = server.sub(/^upstream faye \{.*?^\}\n/m, upstream).sub("listen 443 ssl", "listen 127.0.0.1:#{port} ssl")
    server = server.sub(%r{/etc/ssl/\S+\.crt}, cert).sub(%r{/etc/ssl/\S+\.key}, key)
    nodes.each.with_index(1) { |node, n| server.sub!("10.0.0.#{n}:9292", "127.0.0.1:#{node.port}") or raise "no #{n}" }
    server
  end

  around do |example|
    Dir.mktmpdir do |directory|
      File.chmod(0o755, directory)
      @key, @cert = Certificates.pair(directory)
      example.run
    end
  end

  def numbers(subscriber)
    subscriber.messages.map { |message| message["data"]["n"] }
  end

  it "bring all to everybody in one order, also when one of them is killed" do
    redis = RedisServer.new
    # A quick machine publishes more than the usual 100 before a client is back.
    settings = { redis: redis.url, verbose: true, replay_messages: 10_000 }
    nodes = Array.new(3) { Thread.new { FayeProcess.start(**settings) } }.map(&:value)
    nginx = Nginx.new { |port| site(port, nodes, @key, @cert) }
    url = nginx.url.sub("http:", "https:")
    subscribers = %w[websocket long-polling].product((1..4).to_a).map do |transport, n|
      options = { transport:, ca_file: @cert, replay: {}, retry: 0.2, agent: "#{transport} #{n}" }
      Thread.new { FayeSubscriber.start(url, "/sync/members", **options) }
    end.map(&:value)
    listening = nodes.to_h { |node| [node, node.metric(:clients)] }
    expect(listening.values.max).to be_between(3, 7) # of 8: nginx spreads them

    publisher = PersistentPublisher.new(url, channel: "/sync/members", batch: 10, pause: 0.01, ca_file: @cert)
    publisher.wait_for(300)
    fullest = listening.key(listening.values.max)
    fullest.kill
    publisher.wait_for(publisher.taken.size + 500)
    published = publisher.finish.uniq

    subscribers.each { |s| s.wait_until("it has all") { (published - numbers(s)).empty? } }
    expect(subscribers.map { |subscriber| numbers(subscriber) }.uniq.size).to be(1)
    expect(subscribers.flat_map { |subscriber| subscriber.lines("resync") }).to be_empty
    # Not every client has noticed: a poll that nginx hands to the next server is answered there.
    expect((nodes - [fullest]).sum { |node| node.metric(:clients) }).to be >= subscribers.size
    expect(subscribers.map { |subscriber| subscriber.transports.first }.uniq).to match_array(%w[websocket long-polling])
  ensure
    subscribers&.each(&:stop)
    [nginx, *nodes, redis].compact.each { |process| process.stop if process.running? }
  end
end
