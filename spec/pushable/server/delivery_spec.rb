# frozen_string_literal: true

require "net/http"
require "socket"
require "support/bayeux"
require "support/faye_process"
require "support/faye_subscriber"

# How messages get from the server to its subscribers.
RSpec.describe "Delivery by rake faye:start" do
  before(:all) { @faye = FayeProcess.start }
  after(:all) { @faye.stop }

  let(:channel) { "/sync/members_#{rand(1 << 64)}" }
  let(:clients) { [] }

  after { clients.each(&:stop) }

  def subscribe(*channels, **options)
    FayeSubscriber.start(@faye.url, *channels, **options).tap { |client| clients << client }
  end

  def publish(*messages)
    Bayeux.call(@faye.url, messages)
  end

  def message(data, on: channel, **fields)
    { channel: on, id: rand(1 << 64).to_s(36), data:, **fields }
  end

  def bodies(client, count)
    client.wait_for_messages(count).map { |one| one["data"].is_a?(Hash) ? one["data"].except("seq") : one["data"] }
  end

  %w[websocket long-polling].each do |transport|
    it "keeps the order, over all channels of a client, by #{transport}" do
      other = "#{channel}/other"
      client = subscribe(channel, other, transport:)
      messages = Array.new(300) { |n| message({ "n" => n }, on: n % 3 == 0 ? other : channel) }
      messages.each_slice(100) { |slice| publish(*slice) }

      expect(bodies(client, 300).map { |data| data["n"] }).to eq((0...300).to_a)
      expect(client.transports).to eq([transport])
    end

    it "delivers messages that look the same, by #{transport}" do
      client = subscribe("/plain/#{channel[-5..]}", transport:)
      on = "/plain/#{channel[-5..]}"
      publish(*[1, 2, 1, 1, 2].map { |data| { channel: on, data: } })

      expect(bodies(client, 5)).to eq([1, 2, 1, 1, 2])
    end

    # The lengths at which a websocket's frames have other heads.
    it "delivers messages of every size by #{transport}" do
      client = subscribe("/c/#{transport}", transport:)
      texts = [*0..130, 1000, *65_430..65_536, 200_000, 1_900_000].map { |size| "é#{"x" * size}" }
      texts.each_slice(20).with_index(1) do |slice, n|
        publish(*slice.map { |data| { channel: "/c/#{transport}", id: "1", data: } })
        client.wait_for_messages([20 * n, texts.size].min) # all at once are more than may wait for a client
      end

      expect(bodies(client, texts.size)).to eq(texts)
    end
  end

  # npm's client has no EventSource outside of a browser.
  it "delivers by an event stream, in order" do
    client = Bayeux.handshake(@faye.url)
    stream = TCPSocket.new("127.0.0.1", @faye.port)
    stream.write("GET /faye/#{client} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n")
    expect(stream.gets).to start_with("HTTP/1.1 200")
    Bayeux.call(@faye.url, { channel: "/meta/subscribe", clientId: client, subscription: channel })
    publish(*Array.new(100) { |n| message({ "n" => n }) })

    expect(Array.new(100) { event(stream) }.map { |(one)| one["data"]["n"] }).to eq((0...100).to_a)
  ensure
    stream&.close
  end

  def event(stream)
    nil until (line = stream.gets).start_with?("data: ")
    JSON.parse(line.delete_prefix("data: "))
  end

  it "hands out nothing of what a publisher wrote beside channel, id and data" do
    client = Bayeux.handshake(@faye.url)
    Bayeux.call(@faye.url, { channel: "/meta/subscribe", clientId: client, subscription: channel })
    publish(message(1, ext: { "key" => "k" }, clientId: "mine", more: 1))
    answers = Bayeux.call(@faye.url, { channel: "/meta/connect", clientId: client, connectionType: "long-polling" })

    expect(answers.find { |answer| answer["channel"] == channel }.keys).to contain_exactly("channel", "id", "data")
  end

  it "acknowledges a publish once it has been handed on" do
    received = Array.new(5) { subscribe(channel) }
    replies = publish(*Array.new(50) { |n| message({ "n" => n }) })

    expect(replies.map { |reply| reply["successful"] }).to all(be(true)).and have_attributes(size: 50)
    received.each { |client| expect(bodies(client, 50).size).to eq(50) }
  end
end
