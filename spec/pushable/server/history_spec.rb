# frozen_string_literal: true

require "objspace"
require "pushable/server"

RSpec.describe Pushable::Server::History do
  let(:second) { 1_000_000 }

  def now = Process.clock_gettime(Process::CLOCK_REALTIME, :microsecond)

  def history(messages: 100, seconds: 60, bytes: 64 << 20, started: now - (100 * second))
    described_class.new(messages:, seconds:, bytes:, gone: Pushable::Server::Gone.new(0, started))
  end

  # @return [String] its place
  def append(history, channel, number, **options)
    data = { "n" => number, **options.slice(:pad, :at).transform_keys(&:to_s) }
    history.append({ "channel" => channel, "data" => data }, **options.slice(:arrived)).dig("data", "seq")
  end

  def missed(history, channel, **seen)
    seen = { epoch: history.epoch, **seen } if seen[:seq]
    found = history.since(channel, **seen)
    found == :resync ? found : found.map { |text| JSON.parse(text.to_json)["n"] }
  end

  it "gives each message under /sync/ a later place, and keeps its data as it is forwarded" do
    log = history
    start = log.position["seq"]
    message = { "channel" => "/sync/a", "data" => { "n" => 1, "seq" => "forged" } }
    log.append(message)

    expect(log.since("/sync/a", epoch: log.epoch, seq: start).map { |text| JSON.parse(text.to_json) })
      .to eq([message["data"]])
    expect(message["data"]["seq"]).to eq(log.position["seq"]).and satisfy { |seq| seq != start }
  end

  it "leaves alone what is no object or not under /sync/" do
    messages = [["/sync/a", 1], ["/sync/a", [1]], ["/a", { "n" => 1 }]].map do |channel, data|
      { "channel" => channel, "data" => data }
    end
    log = history

    expect(messages.map { |message| log.append(Marshal.load(Marshal.dump(message))) }).to eq(messages)
    expect(log.bytes).to eq(0)
  end

  it "knows of each channel how far back it reaches, by number" do
    log = history(messages: 3)
    places = [log.position["seq"]] + Array.new(5) { |n| append(log, "/sync/a", n) }
    append(log, "/sync/b", 0)

    expect(places.map { |seq| missed(log, "/sync/a", seq:) })
      .to eq([:resync, :resync, [2, 3, 4], [3, 4], [4], []])
    expect(missed(log, "/sync/b", seq: places.first)).to eq([0])
    expect(missed(log, "/sync/never", seq: places.first)).to eq([])
  end

  it "knows it by age, too, of a channel that has fallen silent as well" do
    log = history(seconds: 60)
    start = log.position["seq"]
    old = append(log, "/sync/a", 0, arrived: now - (59 * second))
    append(log, "/sync/b", 0, arrived: now + (2 * second))

    expect(missed(log, "/sync/a", seq: start)).to eq(:resync)
    expect(missed(log, "/sync/a", seq: old)).to eq([])
    expect(missed(log, "/sync/b", seq: start)).to eq([0])
  end

  it "lets the oldest of all channels go first when they are too large together" do
    log = history(bytes: 5000)
    start = log.position["seq"]
    %w[a b c].each_with_index { |name, n| append(log, "/sync/#{name}", n, pad: "x" * 1000) }
    expect(%w[a b c].map { |name| missed(log, "/sync/#{name}", seq: start) }).to eq([:resync, [1], [2]])

    append(log, "/sync/d", 3, pad: "x" * 4000)
    expect(%w[a b c d].map { |name| missed(log, "/sync/#{name}", seq: start) }).to eq([:resync, :resync, :resync, [3]])
    append(log, "/sync/e", 4, pad: "x" * 6000)
    expect(missed(log, "/sync/e", seq: start)).to eq(:resync)
    expect(log.bytes).to be <= 5000
  end

  it "does not say that nothing was missed on a channel that it has forgotten" do
    log = history(bytes: 5000)
    start = log.position["seq"]
    append(log, "/sync/a", 0)
    later = append(log, "/sync/b", 1, pad: "x" * 6000)

    expect(missed(log, "/sync/a", seq: start)).to eq(:resync)
    expect(missed(log, "/sync/a", seq: later)).to eq([])
    expect(missed(log, "/sync/a", time: now - second)).to eq(:resync)
  end

  describe "a page's time" do
    it "brings what has arrived since, and with it all behind that" do
      log = history
      append(log, "/sync/a", 0, arrived: (time = now))
      append(log, "/sync/a", 1, arrived: time + 10)
      append(log, "/sync/a", 2, arrived: time + 5) # a clock was set back

      expect(missed(log, "/sync/a", time: time + 10)).to eq([1, 2])
      expect(missed(log, "/sync/a", time: time + 11)).to eq([])
    end

    it "brings what was written since, where this server's clock is behind the application's" do
      log = history
      append(log, "/sync/a", 0, at: now + (60 * second))

      expect(missed(log, "/sync/a", time: now + (30 * second))).to eq([0])
      expect(missed(log, "/sync/a", time: now + (90 * second))).to eq([])
    end

    it "brings what was written before and committed after" do
      log = history
      append(log, "/sync/a", 0, at: now - (60 * second))

      expect(missed(log, "/sync/a", time: now - second)).to eq([0])
    end

    it "before the server's start, or before what it has let go, is too early" do
      before = now
      log = described_class.new(messages: 1, seconds: 60, bytes: 64 << 20)
      2.times { |n| append(log, "/sync/a", n) }

      expect(missed(log, "/sync/b", time: before)).to eq(:resync)
      expect(missed(log, "/sync/b", time: now + 1)).to eq([])
      expect(missed(log, "/sync/a", time: now - second)).to eq(:resync)
    end

    it "is not spoilt by a clock that is years ahead" do
      log = history(messages: 1)
      2.times { |n| append(log, "/sync/a", n, at: 2**60) }

      expect(missed(log, "/sync/a", time: now + second)).to eq([])
    end
  end

  it "tells whoever says nothing sensible to fetch" do
    log = history
    append(log, "/sync/a", 0)
    seq = log.position["seq"]
    junk = [nil, 5, 1.5, -1, "", "ä", "-1", "1_0", " 1", "1\n", "0x1", "z" * 17, "z" * 16, "9", [], {}, [seq], true]

    expect(junk.map { |value| log.since("/sync/a", epoch: log.epoch, seq: value) }).to all(eq(:resync))
    expect(junk.map { |value| log.since("/sync/a", epoch: value, seq:) }).to all(eq(:resync))
    expect([nil, "", "5", [], {}, true, -1, -1e300].map { |time| log.since("/sync/a", time:) }).to all(eq(:resync))
    expect(log.since("/sync/a", seq:)).to eq(:resync)
    expect(log.since("/sync/a", epoch: log.epoch, seq:)).to eq([])
  end

  it "tells who listens to a pattern, or elsewhere, to fetch" do
    log = history
    seq = log.position["seq"]

    expect(%w[/sync/* /sync/a/** /** /a].map { |name| missed(log, name, seq:) }).to all(eq(:resync))
  end

  # All that happened, and what each place must bring: all later ones of the channel, or resync.
  20.times do |seed|
    it "never leaves out a message, whatever it lets go (seed #{seed})" do
      random = Random.new(seed)
      start = now - (30 * second)
      log = history(messages: random.rand(1..8), seconds: random.rand(20..40), bytes: random.rand(4000..20_000),
                    started: start - 2)
      happened = Hash.new { |all, channel| all[channel] = [] }
      places = [[log.position["seq"], -1, start - 1]]
      600.times do |n|
        channel = "/sync/#{[random.rand(30), random.rand(30)].min}"
        arrived = start + (n * second / 20)
        places << [append(log, channel, n, pad: "x" * random.rand(300), arrived:), n, arrived + 1]
        happened[channel] << n
        expect_the_truth(log, happened, places, random) if random.rand < 0.3
      end
      expect(log.bytes).to be_between(1, 20_000)
    end
  end

  def expect_the_truth(log, happened, places, random)
    channel = "/sync/#{random.rand(32)}"
    seq, last, time = places[-[random.rand(60), places.size].min]
    later = happened[channel].select { |n| n > last }

    expect(missed(log, channel, seq:)).to eq(later).or eq(:resync)
    expect(missed(log, channel, time:)).to eq(later).or eq(:resync)
  end

  it "does not tell to fetch where nothing was let go (as the examples above would allow)" do
    log = history(messages: 5)
    places = Array.new(100) { |n| [append(log, "/sync/#{n % 4}", n), n] }

    places.last(20).each do |seq, n|
      4.times { |channel| expect(missed(log, "/sync/#{channel}", seq:)).to eq((n + 1..99).select { _1 % 4 == channel }) }
    end
  end

  describe "memory" do
    def memory
      GC.start
      ObjectSpace.memsize_of_all
    end

    { "100,000 channels with a message each" => [100_000, 1, 100], "one busy channel" => [1, 50_000, 2000],
      "1,000 channels, each over its number" => [1000, 60, 500] }.each do |name, (channels, each, pad)|
      it "is what it says it is, and within its bounds: #{name}" do
        before = memory
        log = history(messages: 50, bytes: 16 << 20)
        each.times { channels.times { |channel| append(log, "/sync/family_#{channel}_members", 1, pad: "x" * pad) } }

        expect(log.bytes).to be <= 16 << 20
        expect(memory - before).to be_between(log.bytes / 2, log.bytes * 1.1)
        expect(log.position).not_to be_nil # it was there until here
      end
    end

    it "of channels that have fallen silent is bounded as well" do
      before = memory
      log = history(seconds: 1, bytes: 4 << 20)
      arrived = now - (200 * second)
      100_000.times { |n| append(log, "/sync/family_#{n}_members", n, arrived: arrived += 1500) }

      expect(log.bytes).to be_between(1 << 20, 4 << 20)
      expect(memory - before).to be < 8 << 20
      expect(log.position).not_to be_nil
    end
  end
end
