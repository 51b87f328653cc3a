# frozen_string_literal: true

require "pushable/keys"
require "support/app_process"
require "support/bayeux"
require "support/faye_process"
require "support/faye_subscriber"
require "support/raw_websocket"
require "tmpdir"

RSpec.describe "Publishing to rake faye:start" do
  before(:all) do
    @directory = Dir.mktmpdir
    File.write(File.join(@directory, "Rakefile"), 'require "pushable/tasks"')
    Dir.mkdir(File.join(@directory, "config"))
    File.write(File.join(@directory, "config/pushable.yml"), "development: {secret: new, previous_secrets: [old]}")
    @faye = FayeProcess.start(chdir: @directory, env: { "BUNDLE_GEMFILE" => Bundler.default_gemfile.to_s })
  end

  after(:all) do
    @faye.stop
    FileUtils.remove_entry(@directory)
  end

  let(:url) { @faye.url }
  let(:message) { { "channel" => "/sync/members", "id" => "1", "data" => 1 } }
  let(:refusal) { { "id" => "1", "channel" => "/sync/members", "successful" => false, "error" => error } }
  let(:error) { "403:/sync/members:Forbidden" }

  def authorization(secret)
    { "Authorization" => "Bearer #{Pushable::Keys.publish(secret)}" }
  end

  def publish(headers, messages = [message])
    Bayeux.call(url, messages, headers:)
  end

  # Who else publishes what nobody may would be heard.
  def expect_no_delivery
    subscriber = FayeSubscriber.start(url, "/sync/members")
    yield
    publish(authorization("new"), [message.merge("data" => "the last")])
    expect(subscriber.wait_for_messages(1).map { |heard| heard["data"] }).to eq(["the last"])
  ensure
    subscriber&.stop
  end

  %w[new old].each do |secret|
    it "is for who shows the key of the #{secret} secret" do
      expect(publish(authorization(secret)).first).to include("successful" => true)
    end
  end

  it "is for nobody else" do
    key = Pushable::Keys.publish("new")
    headers = [nil, "", "Bearer", "Bearer ", "Bearer new", "Bearer #{key.upcase}", "Bearer #{key.chop}",
               "Bearer #{key}0", "Basic #{key}", "Bearer \xFF".b, "Bearer #{Pushable::Keys.publish("other")}"]

    expect_no_delivery do
      headers.each { |header| expect(publish({ "Authorization" => header }.compact)).to eq([refusal]) }
    end
  end

  it "is refused message by message, on channels of every kind" do
    channels = ["/a", "/service/a", "/sync/$all", "/a/b"]
    replies = publish({}, channels.map { |channel| message.merge("channel" => channel) })

    expect(replies.map { |reply| reply["error"] }).to eq(channels.map { |channel| "403:#{channel}:Forbidden" })
  end

  it "is open on every legal channel with the key" do
    channels = ["/a", "/service/a", "/sync/$all"]
    replies = publish(authorization("new"), channels.map { |channel| message.merge("channel" => channel) })

    expect(replies.map { |reply| reply["successful"] }).to all(be(true))
  end

  it "is refused by a form or in an address, whatever the key" do
    text = "message=#{URI.encode_www_form_component(JSON.generate([message]))}"
    answers = ["application/x-www-form-urlencoded", "text/plain;charset=UTF-8"].map do |type|
      Bayeux.post(url, text, type:, headers: authorization("new")).body
    end
    answers << Net::HTTP.get(URI("#{url}?#{text}"), authorization("new"))

    expect_no_delivery { expect(answers).to all(include(JSON.generate(error))) }
  end

  it "works by websocket with the key and not without" do
    expect(RawWebsocket.exchange(url, [message])).to eq([refusal])
    expect(RawWebsocket.exchange(url, [message], headers: authorization("new")).first).to include("successful" => true)
  end

  it "passes on what subscribers need, and nothing else of the message" do
    client = Bayeux.handshake(url)
    Bayeux.call(url, { "channel" => "/meta/subscribe", "clientId" => client, "subscription" => "/sync/members" })
    publish(authorization("new"), [message.merge("ext" => { "key" => 1 }, "clientId" => "x", "more" => 1)])
    connect = { "channel" => "/meta/connect", "clientId" => client, "connectionType" => "long-polling" }

    expect(Bayeux.call(url, connect)).to include(message)
  end

  it "is reported by an application that has another secret" do
    app = AppProcess.start(url, env: { "PUSHABLE_SECRET" => "another" })
    outcome = app.run("Pushable.publish('members', 1); Pushable.flush(20); Pushable.stats")
    expect(outcome).to include(rejected: 1, delivered: 0, last_error: "403:/sync/members:Forbidden")
    app.stop
    app = AppProcess.start(url, env: { "PUSHABLE_SECRET" => "new" })
    expect(app.run("Pushable.publish('members', 1); Pushable.flush(20); Pushable.stats")).to include(delivered: 1)
  ensure
    app&.stop
  end

  describe "without a secret" do
    before(:all) { @open = FayeProcess.start }
    after(:all) { @open.stop }

    let(:url) { @open.url }
    let(:page) { { "Origin" => "http://a.example" } }

    it "is for the programs of this machine" do
      expect(publish({}).first).to include("successful" => true)
      expect(RawWebsocket.exchange(url, [message]).first).to include("successful" => true)
    end

    it "is not for pages" do
      address = URI("#{url}?message=#{URI.encode_www_form_component(JSON.generate([message]))}")

      expect(publish(page)).to eq([refusal])
      expect(RawWebsocket.exchange(url, [message], headers: page)).to eq([refusal])
      expect(Net::HTTP.get(address)).to include(JSON.generate(error)) # as an <img> does, which tells no origin
    end
  end
end
