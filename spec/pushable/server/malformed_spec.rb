# frozen_string_literal: true

require "support/bayeux"
require "support/faye_process"
require "support/raw_websocket"

# Unguarded, nearly each of these ends the server's process.
RSpec.describe "rake faye:start and malformed messages" do
  before(:all) { @faye = FayeProcess.start }
  after(:all) { @faye.stop }

  let(:url) { @faye.url }

  texts_refused = [
    "", " ", "null", "5", '"x"', "{", "[1]", "[true]", "[null]", '["x"]', '[{"channel":"/a","data":1},2]',
    '[[{"channel":"/a","data":1}]]', '{"channel":"/a","data":1e400}', '{"channel":"/a","data":[{"x":-1e+0400}]}',
    %({"channel":"/a","data":1#{"0" * 400}.5}), '{"channel":"/a","data":NaN}', '{"channel":"/a","data":"\ud800"}',
    "{\"channel\":\"/a\",\"data\":\"\xFF\"}", "\u{feff}{}", "[" * 5000
  ]

  wrong = [5, 1.5, true, nil, "x", [], {}, [5], [nil], [[]], { "timeout" => "x" }, { "timeout" => -1 },
           { "timeout" => 1e300 }, { "timeout" => [] }]
  fields_mangled = { "/meta/handshake" => %w[supportedConnectionTypes version],
                     "/meta/connect" => %w[clientId connectionType advice],
                     "/meta/subscribe" => %w[clientId subscription],
                     "/meta/unsubscribe" => %w[clientId subscription],
                     "/meta/disconnect" => %w[clientId],
                     "/a" => %w[data error clientId ext advice subscription id] }

  # As good a message as there is on this channel, for this client.
  def sound(channel, client)
    { "channel" => channel, "id" => "1", "clientId" => client, "data" => 1, "version" => "1.0",
      "supportedConnectionTypes" => ["long-polling"], "connectionType" => "long-polling", "subscription" => "/b",
      "advice" => { "timeout" => 0 } }
  end

  def expect_it_serves
    expect(@faye).to be_running, -> { @faye.output }
    expect(Bayeux.publish(url, "/a", 1).first["successful"]).to be(true)
  end

  def expect_an_answer(message)
    Bayeux.publish(url, "/b", 1) # so that a long-poll has something to answer
    expect(Bayeux.call(url, message).first).to include("successful")
  end

  texts_refused.each do |text|
    it "answers 400 to #{text.dump[0, 60]}" do
      expect(Bayeux.post(url, text).code).to eq("400")
      expect_it_serves
    end
  end

  fields_mangled.each do |channel, fields|
    fields.each do |field|
      it "answers #{channel} whatever #{field} is" do
        client = Bayeux.handshake(url)
        Bayeux.call(url, sound("/meta/subscribe", client))
        messages = wrong.map { |value| sound(channel, client).merge(field => value) }
        messages.each { |message| expect_an_answer(message) }

        expect_it_serves
      end
    end
  end

  it "answers whatever the channel is" do
    wrong.each do |channel|
      expect(Bayeux.call(url, { "channel" => channel, "data" => 1 }).first).to include("successful" => false)
    end
    expect_it_serves
  end

  it "tells the sender what is wrong" do
    client = Bayeux.handshake(url)
    errors = [{ "channel" => 5, "data" => 1 }, sound("/meta/subscribe", client).merge("subscription" => 5),
              sound("/meta/handshake", nil).merge("supportedConnectionTypes" => "websocket")].map do |message|
      Bayeux.call(url, message).first["error"]
    end

    expect(errors).to eq(["405::Invalid channel", "402:subscription:Missing required parameter",
                          "402:supportedConnectionTypes:Missing required parameter"])
  end

  it "refuses names of several lines" do
    client = Bayeux.handshake(url)
    replies = Bayeux.call(url, [{ "channel" => "/a\nb c", "data" => 1 }, { "channel" => "/a\n", "data" => 1 },
                                sound("/meta/subscribe", client).merge("subscription" => "/a\n/x y"),
                                sound("/meta/subscribe", client).merge("subscription" => ["/a", "/b\n"])])

    expect(replies.map { |reply| reply["error"] })
      .to eq(["405::Invalid channel", "405::Invalid channel", *["402:subscription:Missing required parameter"] * 2])
  end

  it "accepts several subscriptions at once" do
    client = Bayeux.handshake(url)
    reply = Bayeux.call(url, sound("/meta/subscribe", client).merge("subscription" => ["/a", "/b/c"])).first

    expect(reply["successful"]).to be(true)
  end

  it "keeps a websocket open that sent texts that are none of Bayeux', and answers each" do
    socket = RawWebsocket.new(url)
    texts_refused.select(&:valid_encoding?).each do |text|
      socket.write(text)
      expect(socket.read).to eq('[{"successful":false,"error":"400::Bad request"}]')
    end
    socket.write('{"channel":"/meta/x","id":"'.b << "\xFF\"}".b, opcode: RawWebsocket::BINARY)
    expect(socket.read).to include("400::Bad request")
    socket.write(JSON.generate({ "channel" => "/a", "data" => 1, "id" => "last" }))
    expect(JSON.parse(socket.read)).to eq([{ "id" => "last", "channel" => "/a", "successful" => true }])
  ensure
    socket&.close
  end
end
