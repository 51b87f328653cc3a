# frozen_string_literal: true

require "support/bayeux"
require "support/faye_process"
require "support/faye_subscriber"

RSpec.describe "rake faye:start" do
  before(:all) { @faye = FayeProcess.start(verbose: true) }
  after(:all) { @faye.stop }

  let(:faye) { @faye }
  let(:channel) { "/sync/members_#{rand(1 << 64)}" }
  let(:data) do
    { "event" => "update", "object" => { "id" => 7, "height" => 0.30000000000000004, "weight" => 1.7976931348623157e308,
                                         "name" => "Ann \u2028 ✓", "none" => nil, "big" => 2**64 } }
  end

  it "says where it listens and how to stop it" do
    expect(faye.output).to include("Faye is listening on http://127.0.0.1:#{faye.port}/faye")
      .and include("stop it with Ctrl-C or kill #{faye.pid}")
  end

  it "accepts a publish" do
    reply = Bayeux.publish(faye.url, channel, data).first

    expect(reply).to include("successful" => true, "channel" => channel)
  end

  %w[websocket long-polling].each do |transport|
    it "delivers by #{transport} what was published, numbers of 17 digits as numbers" do
      subscriber = FayeSubscriber.start(faye.url, channel, transport:)
      Bayeux.publish(faye.url, channel, data)

      arrived = numbers_of_javascript(data).merge("seq" => a_kind_of(String))
      expect(subscriber.wait_for_messages(1)).to match([{ "channel" => channel, "data" => arrived }])
      expect(subscriber.transports).to eq([transport])
    ensure
      subscriber&.stop
    end
  end

  # JavaScript has floats only.
  def numbers_of_javascript(data)
    data.merge("object" => data["object"].merge("big" => 18_446_744_073_709_552_000))
  end

  it "delivers the deepest data that it accepts" do
    subscriber = FayeSubscriber.start(faye.url, channel)
    deepest = 127.times.reduce(1) { |inner, _| [inner] } # in a list it is one level deeper than what came

    accepted = Bayeux.post(faye.url, JSON.generate({ channel:, data: deepest }, max_nesting: 0))
    expect(JSON.parse(accepted.body).first["successful"]).to be(true)
    expect(subscriber.wait_for_messages(1).first["data"]).to eq(deepest)
    too_deep = JSON.generate({ channel:, data: [deepest] }, max_nesting: 0)
    expect(Bayeux.post(faye.url, too_deep).code).to eq("400")
  ensure
    subscriber&.stop
  end

  it "hands out the browser's client" do
    response = Net::HTTP.get_response(URI("#{faye.url}.js"))

    expect(response.code).to eq("200")
    expect(response.body).to include("Faye")
  end

  it "tells with verbose=true how much goes on, and nothing of what" do
    subscriber = FayeSubscriber.start(faye.url, channel)
    3.times { Bayeux.publish(faye.url, channel, "a secret word") }
    Bayeux.post(faye.url, "{}", type: "text/xml")
    subscriber.stop

    faye.wait_for_output(/subscribed to #{channel} \(\d+ in all\)/)
    faye.wait_for_output(/published \d+: .*#{channel} \(\d\)/)
    faye.wait_for_output(%r{POST /faye with content type text/xml was answered 415})
    expect(faye.output).not_to include("a secret word")
  end

  it "says nothing but its address without verbose=true" do
    quiet = FayeProcess.start(env: { "PUSHABLE_SECRET" => "a secret" })
    Bayeux.publish(quiet.url, channel, data)
    Bayeux.post(quiet.url, "[1]")
    quiet.stop

    expect(quiet.output.lines.size).to eq(1)
  end

  ["::1", "localhost"].each do |host|
    it "listens on #{host} when asked to, and warns that there is no secret" do
      other = FayeProcess.start(host:)

      expect(other.output.lines.first).to match(/no secret is set, so every program of this machine may publish$/)

      expect(Bayeux.publish(other.url, channel, data).first["successful"]).to be(true)
    ensure
      other&.stop
    end
  end
end
