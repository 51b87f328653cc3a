# frozen_string_literal: true

require "redis-client"
require "pushable/server"
require "support/redis_server"

# Against a real Redis: what the servers rely on.
RSpec.describe Pushable::Server::Stream do
  before(:context) { @redis = RedisServer.new }
  after(:context) { @redis.stop }

  let(:config) { Pushable::Server::RedisAddress.config(@redis.url) }
  let(:raw) { RedisClient.new(config) }
  let(:one) { described_class.new(config, length: 1000) }
  let(:other) { described_class.new(config, length: 1000) }

  before { raw.call("FLUSHALL") }

  def all(stream = one) = stream.recent(seconds: 60, bytes: 1_000_000)
  def texts(entries) = entries.map(&:text)
  def place = all.last

  # As a failover does that brings an older state back.
  def forget(entries)
    raw.call("XDEL", described_class::KEY, *entries.map(&:id))
  end

  it "has the messages of all in one order, numbered without a gap" do
    one.append(%w[a b], nil)
    other.append(%w[c], place)
    one.append(%w[d], nil)
    expect(all.map { |entry| [entry.seq, entry.text] })
      .to eq([[0, nil], [1, "a"], [2, "b"], [3, "c"], [4, "d"]])
    expect(all.map(&:epoch).uniq.size).to be(1)
  end

  it "keeps texts as they are" do
    text = %({"a":"é\u2028😀\\u0000","b":"\r\n"})
    one.append([text], nil)
    expect(place.text).to eq(text)
  end

  it "begins an epoch, once" do
    one.append([], nil)
    expect { other.append([], nil) }.not_to(change { all })
    expect(texts(all)).to eq([nil])
  end

  it "tells a reader what comes after its place, a bounded number at a time" do
    one.append([], nil)
    start = place
    one.append((1..250).map(&:to_s), start)
    first = other.after(start, wait: 1)
    expect(texts(first)).to eq((1..100).map(&:to_s))
    expect(texts(other.after(first.last, wait: 1))).to eq((101..200).map(&:to_s))
  end

  it "waits for it" do
    one.append([], nil)
    start = place
    reader = Thread.new { other.after(start, wait: 10) }
    sleep 0.01 until raw.call("INFO", "clients").include?("blocked_clients:1")
    one.append(%w[a], start)
    expect(texts(reader.value)).to eq(%w[a])
    expect(one.after(place, wait: 0.01)).to be_empty
  end

  it "knows whether a place is still there" do
    one.append(%w[a b], nil)
    there = place
    expect(one.holds?(there)).to be(true)
    raw.call("FLUSHALL")
    expect(one.holds?(there)).to be(false)
  end

  it "takes another entry with the same number for another place" do
    one.append([], nil)
    there = place
    raw.call("DEL", described_class::KEY)
    raw.call("XADD", described_class::KEY, there.id, "at", there.at + 1, "begin", "")
    expect(one.holds?(there)).to be(false)
  end

  describe "#append" do
    before { one.append(%w[a b c], nil) }

    let!(:before) { all }

    def expect_a_new_epoch_with(messages)
      expect(texts(all)).to eq([nil, *messages])
      expect(place.epoch).to be > before.last.epoch
    end

    it "goes on after the place of a reader that is behind" do
      one.append(%w[d], before[1])
      expect(texts(all)).to eq([nil, "a", "b", "c", "d"])
    end

    it "begins a new epoch in an empty Redis" do
      raw.call("FLUSHALL")
      one.append(%w[d], before.last)
      expect_a_new_epoch_with(%w[d])
    end

    it "begins a new epoch in an emptied stream" do
      forget(before)
      one.append(%w[d], nil)
      expect_a_new_epoch_with(%w[d])
    end

    it "begins a new epoch where the end of the stream was lost" do
      forget(before.last(2))
      one.append(%w[d], before.last)
      expect_a_new_epoch_with(%w[d])
    end

    it "begins a new epoch where another message was given the place since" do
      raw.call("DEL", described_class::KEY)
      before[0..2].each { |entry| raw.call("XADD", described_class::KEY, entry.id, "at", entry.at, "message", "x") }
      raw.call("XADD", described_class::KEY, before.last.id, "at", before.last.at + 1, "message", "y")
      one.append(%w[d], before.last)
      expect_a_new_epoch_with(%w[d])
    end

    it "begins one for all, when several find it lost" do
      raw.call("FLUSHALL")
      one.append([], before.last)
      epoch = place.epoch
      other.append(%w[d], before[1])
      expect(place).to have_attributes(epoch:, seq: 1, text: "d")
    end

    it "does not take a place for lost that was trimmed" do
      one.append((1..1500).map(&:to_s), before.last)
      expect(one.holds?(before.last)).to be(false)
      one.append(%w[d], before.last)
      expect(place).to have_attributes(epoch: before.last.epoch, text: "d")
    end
  end

  it "is bounded" do
    15.times { |n| one.append((1..200).map { |i| "#{n}.#{i}" }, nil) }
    expect(raw.call("XLEN", described_class::KEY)).to be_between(1000, 1200)
  end

  describe "#recent" do
    it "ends where the time or the bytes do" do
      one.append(%w[aaaa], nil)
      sleep 0.01 until raw.call("TIME").first.to_i * 1000 > place.at + 1000
      one.append(%w[bbbb cccc dddd], nil)
      expect(texts(one.recent(seconds: 1, bytes: 100))).to eq(%w[bbbb cccc dddd])
      expect(texts(one.recent(seconds: 60, bytes: 9))).to eq(%w[cccc dddd])
      expect(texts(one.recent(seconds: 60, bytes: 1000))).to eq([nil, "aaaa", "bbbb", "cccc", "dddd"])
      expect(texts(one.recent(seconds: 0, bytes: 0))).to eq(%w[dddd])
    end
  end
end
