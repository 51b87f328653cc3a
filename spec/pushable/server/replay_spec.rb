# frozen_string_literal: true

require "eventmachine"
require "faye/websocket"
require "support/bayeux"
require "support/faye_process"

# What a subscriber is told of what it missed, said in Bayeux. What comes of it: missing_nothing_spec.rb.
RSpec.describe "rake faye:start and what a subscriber missed" do
  def self.server(options = {})
    before(:all) { @faye = FayeProcess.start(**options) }
    after(:all) { @faye.stop }
  end

  let(:url) { @faye.url }
  let(:client) { Bayeux.handshake(url) }
  let(:channel) { "/sync/#{rand(1 << 64)}" }

  # @return [Hash] ext.pushable of the reply
  def subscribe(subscription, seen = nil)
    message = { "channel" => "/meta/subscribe", "clientId" => client, "subscription" => subscription }
    message["ext"] = { "pushable" => seen } if seen
    reply = Bayeux.call(url, message).first
    expect(reply).to include("successful" => true)
    expect(reply["ext"].keys).to eq(["pushable"])
    reply["ext"]["pushable"]
  end

  def publish(channel, *numbers, **more)
    numbers.each { |n| Bayeux.publish(url, channel, { "id" => "id-#{n}", "n" => n, **more.transform_keys(&:to_s) }) }
  end

  # Says the message as often as told by one websocket, each time when the last is answered.
  # @return [Array<Hash>] the replies
  def by_websocket(message, times)
    replies = []
    EventMachine.run do
      socket = Faye::WebSocket::Client.new(url.sub("http", "ws"))
      say = -> { replies.size < times ? socket.send(JSON.generate(message)) : socket.close }
      socket.on(:open) { say.call }
      socket.on(:message) { |event| replies.push(*JSON.parse(event.data)) && say.call }
      socket.on(:close) { EventMachine.stop }
      EventMachine.add_timer(20) { EventMachine.stop }
    end
    replies
  end

  # @return [Array<Integer>] of the three metrics
  def metrics
    %i[replayed_total resyncs_total replay_bytes].map { |name| @faye.metric(name) }
  end

  def numbers(answer)
    answer.fetch("missed").map { |data| data["n"] }
  end

  def now = Process.clock_gettime(Process::CLOCK_REALTIME, :microsecond)

  describe "with the defaults" do
    server

    it "is the position, for one who asks nothing" do
      position = subscribe(channel)

      expect(position).to match("epoch" => a_kind_of(String), "seq" => a_kind_of(String))
      expect(subscribe(channel, { "token" => "x" })).to eq(position)
    end

    it "is all that came after its place, as it was forwarded and in order" do
      place = subscribe(channel)
      publish(channel, 1, 2, name: "Ann \u2028 ✓", height: 0.30000000000000004)
      publish("#{channel}/other", 3)
      answer = subscribe(channel, place)

      expect(answer.keys).to eq(%w[epoch seq missed])
      expect(answer["missed"].first)
        .to match("id" => "id-1", "n" => 1, "name" => "Ann \u2028 ✓", "height" => 0.30000000000000004,
                  "seq" => a_kind_of(String))
      expect(numbers(answer)).to eq([1, 2])
      expect(numbers(subscribe(channel, answer))).to eq([])
      expect(numbers(subscribe(channel, answer.merge("seq" => answer["missed"].first["seq"])))).to eq([2])
    end

    it "is what arrived since the page was rendered" do
      publish(channel, 1)
      time = now
      publish(channel, 2, 3)

      expect(numbers(subscribe(channel, { "time" => time }))).to eq([2, 3])
      expect(numbers(subscribe(channel, { "time" => now }))).to eq([])
      expect(subscribe(channel, { "time" => time - (3600 * 1_000_000) })).to include("resync" => true)
    end

    it "is a resync where the place is of another server's life, or none at all" do
      place = subscribe(channel)
      strange = [{ "epoch" => "other" }, { "epoch" => nil }, { "seq" => nil }, { "seq" => 5 }, { "seq" => "zzzzzzzz" },
                 { "seq" => [] }, { "seq" => {} }, { "seq" => "z" * 100_000 }]

      expect(strange.map { |wrong| subscribe(channel, place.merge(wrong)).except("epoch", "seq") })
        .to all(eq("resync" => true))
    end

    it "is a resync where the place is one that another server's life has, too" do
      other = FayeProcess.start
      5.times { |n| Bayeux.publish(other.url, channel, { "n" => n }) }
      message = { "channel" => "/meta/subscribe", "clientId" => Bayeux.handshake(other.url), "subscription" => channel,
                  "ext" => { "pushable" => subscribe(channel).merge("seq" => "1") } }

      expect(Bayeux.call(other.url, message).first["ext"]["pushable"]).to include("resync" => true)
    ensure
      other&.stop
    end

    it "is nothing at all where what was asked is none of it" do
      [5, "x", [], [1], true].each { |junk| expect(subscribe(channel, junk).keys).to eq(%w[epoch seq]) }
    end

    it "is a resync outside /sync/" do
      expect(subscribe("/other", subscribe(channel))).to include("resync" => true)
    end

    it "is said of each of several channels" do
      place = subscribe(channel)
      publish(channel, 1)
      publish("#{channel}/b", 2, 3)
      all = [channel, "#{channel}/b", "#{channel}/c"]

      answer = subscribe(all, place)
      expect(answer.keys).to eq(%w[epoch seq channels])
      expect(answer["channels"].transform_values { |one| numbers(one) }).to eq(all.zip([[1], [2, 3], []]).to_h)
      each = { all[1] => { "epoch" => place["epoch"], "seq" => answer["channels"][all[1]]["missed"].first["seq"] },
               all[2] => { "time" => 1 }, all[0] => 5 }
      answer = subscribe(all, { "channels" => each })["channels"]
      expect(answer).to match(all[0] => {}, all[1] => { "missed" => [a_hash_including("n" => 3)] },
                              all[2] => { "resync" => true })
      expect(subscribe(all, { "channels" => [1] })["channels"].values).to all(eq({}))
    end

    it "is not told where the subscription is refused" do
      message = { "channel" => "/meta/subscribe", "subscription" => channel,
                  "ext" => { "pushable" => { "time" => 1 } } }
      replies = Bayeux.call(url, [message.merge("clientId" => "nobody"),
                                  message.merge("clientId" => client, "subscription" => "/sync/a b")])

      expect(replies.map { |reply| reply.slice("successful", "ext") }).to all(eq("successful" => false))
    end

    it "is for each of several subscriptions in one request what it asked" do
      place = subscribe(channel)
      publish(channel, 1)
      message = { "channel" => "/meta/subscribe", "clientId" => client }
      replies = Bayeux.call(url, [
                              message.merge("subscription" => channel, "ext" => { "pushable" => place }),
                              message.merge("subscription" => "#{channel}/b"),
                              message.merge("subscription" => "/sync/c", "ext" => { "pushable" => { "time" => 1 } })
                            ])

      expect(replies.map { |reply| reply["ext"]["pushable"].except("epoch", "seq").keys })
        .to eq([["missed"], [], ["resync"]])
    end

    it "reaches back 100 messages" do
      place = subscribe(channel)
      publish(channel, 0)
      first = subscribe(channel, place)["missed"].first
      publish(channel, *1..100)

      expect(subscribe(channel, place)).to include("resync" => true)
      expect(numbers(subscribe(channel, place.merge("seq" => first["seq"])))).to eq([*1..100])
    end

    it "is no more than a client can take at once" do
      place = subscribe(channel)
      publish(channel, 1, 2, 3, pad: "x" * 600_000)
      twice = [subscribe(channel, place), *Bayeux.call(url, Array.new(2) do
        { "channel" => "/meta/subscribe", "clientId" => client, "subscription" => channel,
          "ext" => { "pushable" => place } }
      end).map { |reply| reply["ext"]["pushable"] }]

      expect(twice.map { |answer| answer.except("epoch", "seq").keys.first }).to eq(%w[missed missed resync])
      publish(channel, 4, pad: "x" * 600_000)
      expect(subscribe(channel, place)).to include("resync" => true)
    end

    it "is as much again for one who asks again" do
      place = subscribe(channel)
      publish(channel, 1, 2, 3, pad: "x" * 600_000)
      replies = by_websocket({ "channel" => "/meta/subscribe", "clientId" => client, "subscription" => channel,
                               "ext" => { "pushable" => place } }, 3)

      expect(replies.map { |reply| numbers(reply["ext"]["pushable"]) }).to eq([[1, 2, 3]] * 3)
    end

    it "is counted" do
      place = subscribe(channel)
      replayed, resyncs, bytes = metrics
      publish(channel, 1, 2, pad: "x" * 1000)
      2.times { subscribe(channel, place) }
      subscribe(channel, { "time" => 1 })

      expect(metrics).to match([replayed + 4, resyncs + 1, be_between(bytes + 2000, bytes + 4000)])
    end
  end

  describe "with little room" do
    server(replay_messages: 2, replay_bytes: 50_000)

    it "reaches back as many messages as it was told" do
      place = subscribe(channel)
      publish(channel, 1, 2)
      expect(numbers(subscribe(channel, place))).to eq([1, 2])
      publish(channel, 3)

      expect(subscribe(channel, place)).to include("resync" => true)
    end

    it "lets the oldest of all channels go" do
      place = subscribe(channel)
      publish(channel, 1)
      publish("#{channel}/b", 2, pad: "x" * 40_000)
      expect(numbers(subscribe(channel, place))).to eq([1])
      publish("#{channel}/c", 3, pad: "x" * 40_000)

      expect(%w[b c d].map { |name| subscribe("#{channel}/#{name}", place).keys.last }).to eq(%w[resync missed resync])
      expect(subscribe(channel, place)).to include("resync" => true)
    end
  end

  describe "with replay_seconds=1" do
    server(replay_seconds: 1)

    it "forgets after a second what it keeps" do
      place = subscribe(channel)
      publish(channel, 1)
      deadline = now + (20 * 1_000_000)
      sleep 0.1 until subscribe(channel, place).key?("resync") || now > deadline

      expect(subscribe(channel, place)).to include("resync" => true)
      place = subscribe(channel)
      expect(numbers(subscribe(channel, place))).to eq([])
    end
  end

  %w[replay_messages replay_seconds replay_bytes].each do |option|
    it "is not told with #{option}=0, and messages carry no place" do
      @faye = FayeProcess.start(option => 0)
      message = { "channel" => "/meta/subscribe", "clientId" => client, "subscription" => channel,
                  "ext" => { "pushable" => { "time" => 1 } } }
      reply = Bayeux.call(url, message).first
      publish(channel, 1)
      forwarded = Bayeux.call(url, { "channel" => "/meta/connect", "clientId" => client,
                                     "connectionType" => "long-polling" }).last

      expect(reply).to include("successful" => true).and(satisfy { |fields| !fields.key?("ext") })
      expect(forwarded["data"]).to eq("id" => "id-1", "n" => 1)
    ensure
      @faye.stop
    end
  end
end
