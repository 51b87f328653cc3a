# frozen_string_literal: true

require "net/http"
require "pushable/server"
require "support/bayeux"
require "support/certificates"
require "support/faye_process"
require "support/faye_subscriber"
require "support/waiting"
require "tempfile"
require "tmpdir"

RSpec.describe "GET /health and /metrics of rake faye:start" do
  include Waiting

  before(:all) { @faye = FayeProcess.start(env: { "PUSHABLE_SECRET" => "s" }) }
  after(:all) { @faye.stop }

  let(:key) { { "Authorization" => "Bearer #{Pushable::Keys.publish("s")}" } }

  def get(path, headers = {}, faye: @faye)
    Net::HTTP.start("127.0.0.1", faye.port) { |http| http.get(path, headers) }
  end

  # Name to value; refuses what is not in Prometheus' text format (version 0.0.4).
  def metrics(faye: @faye)
    text = get("/metrics", faye:).body
    expect(text).to end_with("\n")
    text.lines(chomp: true).each_slice(3).to_h do |help, type, sample|
      name = sample[/\A([a-z_]+) -?\d+(\.\d+)?(e-?\d+)?\z/, 1]
      expect(help).to match(/\A# HELP #{name} [^\\]+\z/)
      expect(type).to eq("# TYPE #{name} #{name.end_with?("_total") ? "counter" : "gauge"}")
      [name.delete_prefix("pushable_"), Float(sample.split.last)]
    end
  end

  it "say that it serves" do
    response = get("/health")

    expect(response).to have_attributes(code: "200", body: "ok\n")
    expect(response["content-type"]).to eq("text/plain; charset=utf-8")
  end

  it "count what happens" do
    subscriber = FayeSubscriber.start(@faye.url, "/sync/counted")
    before = metrics
    Bayeux.publish(@faye.url, "/sync/counted", 1, headers: key)
    Bayeux.publish(@faye.url, "/sync/counted", 1)
    Bayeux.post(@faye.url, "[1]")
    subscriber.wait_for_messages(1)
    now = metrics

    expect(now.to_h { |name, value| [name, value - before.fetch(name)] })
      .to include("published_total" => 1, "denied_total" => 1, "malformed_total" => 1)
    expect(now["channels"]).to eq(1)
    expect(now["connections"]).to be >= 2 # the subscriber's and this one
    expect(now["loop_lag_seconds"]).to be >= 0
    expect(get("/metrics")["content-type"]).to eq("text/plain; version=0.0.4; charset=utf-8")
  ensure
    subscriber&.stop
  end

  it "forget channels that nobody listens to any more" do
    client = Bayeux.handshake(@faye.url)
    subscription = { "clientId" => client, "subscription" => %w[/sync/a /sync/b] }
    before = metrics["channels"]
    Bayeux.call(@faye.url, subscription.merge("channel" => "/meta/subscribe"))
    expect(metrics["channels"]).to eq(before + 2)

    Bayeux.call(@faye.url, { "clientId" => client, "channel" => "/meta/disconnect" })
    expect(metrics["channels"]).to eq(before)
  end

  %w[/health /metrics].each do |path|
    %w[X-Forwarded-For Forwarded X-Real-IP Via].each do |header|
      it "refuse #{path} to whom a proxy brings (#{header}), but for the key" do
        expect(get(path, { header => "127.0.0.1" }).code).to eq("403")
        expect(get(path, { header => "127.0.0.1", "Authorization" => "Bearer x" }).code).to eq("403")
        expect(get(path, { header => "127.0.0.1", **key }).code).to eq("200")
      end
    end
  end

  it "are answered to this machine, and to another that shows the key" do
    endpoints = Pushable::Server::Endpoints.new(nil, health: Pushable::Server::Health.new,
                                                     metrics: Pushable::Server::Metrics.new,
                                                     key: Pushable::Server::PublishKey.new(["s"]))
    ask = lambda do |address, authorization = nil|
      endpoints.call({ "PATH_INFO" => "/health", "REQUEST_METHOD" => "GET", "REMOTE_ADDR" => address,
                       "HTTP_AUTHORIZATION" => authorization }.compact).first
    end

    expect(["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1"].map(&ask)).to all(eq(200))
    expect(["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "0.0.0.0", "", nil].map(&ask)).to all(eq(403))
    expect(ask["192.0.2.1", key["Authorization"]]).to eq(200)
  end

  it "are only read" do
    expect(Net::HTTP.start("127.0.0.1", @faye.port) { |http| http.post("/metrics", "") }.code).to eq("405")
    expect(Net::HTTP.start("127.0.0.1", @faye.port) { |http| http.head("/health") }.code).to eq("200")
  end

  it "are there by https" do
    Dir.mktmpdir do |directory|
      key, cert = Certificates.pair(directory)
      faye = FayeProcess.start(key:, cert:)
      uri = URI("https://127.0.0.1:#{faye.port}/health")
      response = Net::HTTP.start(uri.host, uri.port, use_ssl: true, ca_file: cert) { |http| http.get(uri.path) }

      expect(response.code).to eq("200")
    ensure
      faye&.stop
    end
  end

  # The fault: whatever is published blocks the loop for as long as it says.
  it "say so when the event loop is late" do
    fault = Tempfile.new(["fault", ".rb"])
    fault.write(<<~RUBY)
      require "pushable/server"
      Pushable::Server::Guard.prepend(Module.new do
        def incoming(message, *)
          sleep(message["data"]) if message["data"]
          super
        end
      end)
    RUBY
    fault.close
    faye = FayeProcess.start(requires: [fault.path])
    blocking = Thread.new { loop { Bayeux.publish(faye.url, "/a", 1.5) } }
    answer = nil
    wait_until("it is unwell") { (answer = get("/health", faye:)).code == "503" }
    blocking.kill.join

    expect(answer.body).to match(/\Athe event loop is \d+\.\d s late\n\z/)
    expect(metrics(faye:)["loop_lag_seconds"]).to be > 1
    wait_until("it is well again") { get("/health", faye:).code == "200" }
  ensure
    blocking&.kill
    faye&.stop
  end
end
