# frozen_string_literal: true

require "faye"
require "pushable/server"
require "support/faye_process"
require "support/faye_subscriber"
require "support/tokens"
require "support/visiting_client"

# A subscription ends with its token. What every example needs is prepared first, so that all wait for the same end.
RSpec.describe "rake faye:start and tokens that expire" do
  # Of one example: its client, a channel whose subscription ends, and one whose subscription stays.
  scene = Struct.new(:client, :brief, :long) do
    def short = Tokens.sign(brief, expiry: Time.now.to_i + 2)
    def tokens = { brief => short, long => Tokens.sign(long) }
    def subscribe_to_both = client.subscribe([brief, long], tokens:)
    def told = client.poll
  end

  preparations = {
    renewed: lambda do |scene|
      scene.subscribe_to_both
      scene.client.subscribe(scene.brief, token: Tokens.sign(scene.brief))
      scene.client.subscribe(scene.brief, token: scene.short) # an older one, late
    end,
    left: lambda do |scene|
      scene.subscribe_to_both
      scene.client.unsubscribe(scene.brief)
    end,
    plain: lambda(&:subscribe_to_both),
    last: lambda(&:subscribe_to_both) # when this one is over, all are
  }

  before(:all) do
    @faye = FayeProcess.start(auth: true, env: { "PUSHABLE_SECRET" => Tokens::SECRET })
    make = ->(client) { scene.new(client, *%w[brief long].map { |name| "/sync/#{name}_#{rand(1 << 64)}" }) }
    @scenes = preparations.transform_values { make.call(VisitingClient.new(@faye.url)) }
    %w[websocket long-polling].each do |transport|
      @scenes[transport] = new = make.call(nil)
      new.client = FayeSubscriber.start(@faye.url, new.brief, new.long, transport:,
                                                                        lifetimes: { new.brief => 3, new.long => 600 })
      publish(new.brief)
    end
    preparations.each { |name, prepare| prepare.call(@scenes[name]) }
    expect(@scenes[:last].client.poll(timeout: 15_000)).to eq([lapse(@scenes[:last].brief)])
  end

  after(:all) do
    @scenes.each_value { |scene| scene.client.stop if scene.client.respond_to?(:stop) }
    @faye.stop
  end

  def publish(*channels)
    publisher = VisitingClient.new(@faye.url)
    channels.each { |channel| publisher.publish(channel, channel) }
  end

  def lapse(channel)
    { "channel" => "/meta/subscribe", "subscription" => channel, "successful" => false,
      "error" => "403:#{channel}:Forbidden (expired)" }
  end

  %w[websocket long-polling].each do |transport|
    it "sends nothing more by #{transport} after that, and tells the client" do
      subscriber, brief, long = *@scenes[transport]
      subscriber.wait_until("it is told") { subscriber.lines("lapsed").any? }
      publish(brief, long)

      expect(subscriber.wait_for_messages(2).map { |message| message["data"] }).to eq([brief, long])
      expect(subscriber.lines("lapsed")).to eq([{ "lapsed" => brief, "error" => "403:#{brief}:Forbidden (expired)" }])
    end
  end

  it "tells a client that has no request here as soon as it has one, once, and lets it in with a newer token" do
    client, brief, long = *@scenes[:plain]
    expect(client.poll).to eq([lapse(brief)])
    expect(client.sent_of(brief, long)).to eq([long])
    expect(client.subscribe(brief, token: Tokens.sign(brief))).to include("successful" => true)
    expect(client.sent_of(brief, long)).to eq([brief, long])
  end

  it "goes on when a newer one was shown in time, whatever was shown after it" do
    client, brief, long = *@scenes[:renewed]
    expect(client.sent_of(brief, long)).to eq([brief, long])
  end

  it "says nothing of a channel that the client has left" do
    expect(@scenes[:left].told).to eq([])
  end

  # What is kept of a subscription goes with it, or with its client, however that ends.
  it "keeps nothing of clients that are gone, nor of those there never were" do
    EventMachine.run do
      engine = Faye::Engine.get({ timeout: 20 })
      leases = Pushable::Server::Leases.new(engine, ->(channel) { { "channel" => channel } })
      empty = tables(leases).inspect
      engine.create_client do |client|
        engine.subscribe(client, "/left")
        leases.hold(client, "/left", 10)
        leases.hold(client, "/renewed", 10)
        leases.hold(client, "/renewed", 20)
        leases.hold(client, "/over", 5)
        leases.send(:sweep, 5)
        leases.hold("stranger", "/stranger", 10)
        expect(tables(leases).inspect).not_to eq(empty)
        engine.destroy_client(client)
      end
      expect(tables(leases).inspect).to eq(empty)
      EventMachine.stop
    end
  end

  def tables(leases)
    leases.instance_variables.map { |name| leases.instance_variable_get(name) }.grep(Hash)
  end
end
