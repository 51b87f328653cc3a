# frozen_string_literal: true

require "socket"
require "support/app_process"
require "support/faye_process"
require "support/faye_subscriber"
require "support/pushing"
require "support/ruby_process"

# Messages on their way to a real Faye server.
RSpec.describe "Delivering", :pushing, databases: [:sqlite] do
  before(:context) { @faye = FayeProcess.start }
  after(:context) { @faye.stop }
  after { subscribers.each(&:stop) }

  let(:faye) { @faye }
  let(:subscribers) { [] }

  def subscribe(*channels, url: faye.url)
    FayeSubscriber.start(url, *channels).tap { |subscriber| subscribers << subscriber }
  end

  def deliver_by(method, url = faye.url, **settings)
    Pushable.configure do |config|
      config.server = url
      config.delivery_method = method
      settings.each { |name, value| config.public_send(:"#{name}=", value) }
    end
  end

  # The address of a server that is not there.
  def nowhere
    server = TCPServer.new("127.0.0.1", 0)
    "http://127.0.0.1:#{server.addr[1]}/faye"
  ensure
    server.close
  end

  def courier_thread = Thread.list.find { |thread| thread.name == "pushable" }

  # The numbers that were published, in the order of their arrival.
  def numbers(subscriber, count)
    subscriber.wait_for_messages(count).map { |message| message["data"]["object"]["n"] }
  end

  describe ":async" do
    before { deliver_by(:async) }

    it "brings what a save pushes to a subscriber, as :test has shown it" do
      subscriber = subscribe("/sync/family_1_members")
      member = Member.create!(name: "Ann", family_id: 1)
      member.update!(name: "Bea")
      created, updated = subscriber.wait_for_messages(2).map { |message| message["data"] }
      expect(created).to include("event" => "create", "object" => include("id" => member.id, "name" => "Ann"))
      expect(updated).to include("event" => "update", "changed" => contain_exactly("name", "updated_at"))
      expect(updated["object"]).to eq(JSON.parse(member.to_json))
      expect(updated["at"]).to be > created["at"]
    end

    it "keeps the order of a thousand messages and loses none" do
      subscriber = subscribe("/sync/numbers")
      1000.times { |n| expect(Pushable.publish("numbers", { n: })).to be(true) }
      expect(Pushable.flush(20)).to be(true)
      expect(numbers(subscriber, 1000)).to eq((0...1000).to_a)
      expect(Pushable.stats).to include(pushed: 1000, delivered: 1000, dropped: 0, rejected: 0, pending_messages: 0)
      expect(subscriber.messages.map { |message| message["data"]["id"] }.uniq.size).to eq(1000)
    end

    it "takes messages from many threads" do
      subscriber = subscribe("/sync/numbers")
      Array.new(4) { |thread| Thread.new { 50.times { |n| Pushable.publish("numbers", { n: [thread, n] }) } } }
           .each(&:join)
      arrived = numbers(subscriber, 200)
      4.times { |thread| expect(arrived.select { |from, _| from == thread }.map(&:last)).to eq((0...50).to_a) }
    end

    it "starts one thread for first messages that come at once" do
      subscriber = subscribe("/sync/numbers")
      allow_any_instance_of(Pushable::Courier).to receive(:start_thread).and_wrap_original do |start_thread|
        sleep 0.1 # the others come meanwhile
        start_thread.call
      end
      sent = Array.new(4) { |n| Thread.new { Pushable.publish("numbers", { n: }) } }.map(&:value)
      expect(sent).to all(be(true))
      expect(numbers(subscriber, 4)).to match_array(0..3)
      expect(Thread.list.count { |thread| thread.name == "pushable" }).to eq(1)
    end

    it "starts a new thread when the courier's was killed, and goes on with what waited" do
      subscriber = subscribe("/sync/numbers")
      Pushable.publish("numbers", { n: 1 })
      first = courier_thread.kill
      first.join
      Pushable.publish("numbers", { n: 2 })
      expect(Pushable.flush(20)).to be(true)
      expect(numbers(subscriber, 2)).to eq([1, 2])
      expect(courier_thread).not_to equal(first)
    end

    it "flush alone starts a new thread for what a killed one has left" do
      deliver_by(:async, nowhere)
      Pushable.publish("numbers", { n: 1 })
      courier_thread.kill.join
      expect(Pushable.flush(0.1)).to be(false)
      expect(courier_thread).to be_alive
    end
  end

  describe "a server that is down" do
    it "neither raises nor waits, and flush says when its time is over" do
      deliver_by(:async, nowhere)
      expect(Member.create!(family_id: 1)).to be_persisted
      expect(Pushable.flush(0.2)).to be(false)
      expect(Pushable.stats).to include(pushed: 1, delivered: 0, pending_messages: 1)
      wait_until("it is down") { Pushable.stats[:down] }
      wait_until("the log says so") { log.include?("pushable: the server is down") }
    end

    it "that accepts and never answers keeps no save waiting" do
      silent = TCPServer.new("127.0.0.1", 0)
      deliver_by(:async, "http://127.0.0.1:#{silent.addr[1]}/faye", exit_timeout: 0.1)
      started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      20.times { Member.create!(family_id: 1) }
      # A caller that waited would do so for 20 requests of 10 s.
      expect(Process.clock_gettime(Process::CLOCK_MONOTONIC) - started).to be < 10
      expect(Pushable.flush(0)).to be(false)
    ensure
      silent.close
    end

    it "when the application starts gets what was saved when it comes up" do
      port = nowhere[%r{\d+(?=/faye)}].to_i
      deliver_by(:async, "http://127.0.0.1:#{port}/faye")
      Pushable.publish("numbers", { n: 1 })
      wait_until("it has tried") { Pushable.stats[:retries] >= 2 }
      late = FayeProcess.start(port:)
      expect(Pushable.flush(20)).to be(true)
      expect(Pushable.stats).to include(delivered: 1, dropped: 0, down: false)
    ensure
      late&.stop
    end

    it "killed in between loses no message: a subscriber that waits for it hears what was saved meanwhile" do
      first = FayeProcess.start
      app = AppProcess.start(first.url)
      expect(app.run("Member.create!(name: 'before', family_id: 1); Pushable.flush(20)")).to be(true)
      first.kill
      waiting = FayeSubscriber.new(first.url, ["/sync/family_1_members"], "websocket", nil)
      subscribers << waiting
      expect(app.run("Member.create!(name: 'meanwhile', family_id: 1).persisted?")).to be(true)
      expect(app.run("Pushable.flush(0.5)")).to be(false)
      # Of courier and subscriber, the subscriber shall be the first to find the server: that is not left to chance.
      app.pause
      again = FayeProcess.start(port: first.port)
      waiting.wait_until("it is subscribed") { waiting.lines("subscribed").any? }
      app.continue
      expect(waiting.wait_for_messages(1).map { |message| message["data"]["object"]["name"] }).to eq(["meanwhile"])
      expect(app.run("Pushable.flush(20)")).to be(true)
      expect(app.run("Pushable.stats")).to include(delivered: 2, dropped: 0, rejected: 0)
    ensure
      app&.stop
      again&.stop
    end

    it "fills a queue that is bounded by number: the oldest make room, are counted and told of" do
      deliver_by(:async, nowhere, queue_messages: 10)
      reported = Pushable.stats[:reported]
      expect(Array.new(30) { |n| Pushable.publish("numbers", { n: }) }).to all(be(true))
      expect { Member.create!(family_id: 1) }.not_to raise_error
      expect(Pushable.stats).to include(pushed: 31, pending_messages: 10, dropped: 21, overflowed: 21, reported:)
      wait_until("the log says so") { log.match?(/pushable: dropped \(\d+ messages?\)/) }
    end

    it "fills a queue that is bounded by bytes" do
      deliver_by(:async, nowhere, queue_bytes: 64 * 1024)
      30.times { expect(Pushable.publish("numbers", "x" * 10_000)).to be(true) }
      expect(Pushable.stats[:pending_bytes]).to be <= 64 * 1024
      expect(Pushable.stats[:overflowed]).to be_between(24, 29)
    end

    it "has who lost a message fetch when it is up, before anything newer" do
      port = nowhere[%r{\d+(?=/faye)}].to_i
      deliver_by(:async, "http://127.0.0.1:#{port}/faye", queue_messages: 10)
      11.times { |n| Pushable.publish("numbers", { n: }) }
      late = FayeProcess.start(port:)
      expect(Pushable.flush(20)).to be(true)
      expect(Pushable.stats).to include(delivered: 10, overflowed: 1, resyncs: 1, untold: 0)
    ensure
      late&.stop
    end

    it "gives up what is older than max_age, and says so" do
      deliver_by(:async, nowhere, max_age: 0.2)
      Pushable.publish("numbers", { n: 1 })
      wait_until("it is dropped") { Pushable.stats[:dropped] == 1 }
      expect(Pushable.flush).to be(true)
      wait_until("the log says so") { log.include?("pushable: dropped (1 message)") }
    end
  end

  describe ":inline" do
    it "is true when the server has acknowledged" do
      deliver_by(:inline)
      subscriber = subscribe("/sync/numbers")
      expect(Pushable.publish("numbers", { n: 1 })).to be(true)
      expect(numbers(subscriber, 1)).to eq([1])
      expect(courier_thread).to be_nil
    end

    it "is false when the server is down, and reports" do
      deliver_by(:inline, nowhere)
      expect(Pushable.publish("numbers", { n: 1 })).to be(false)
      expect(log).to match(/pushable: \(channel "numbers"\) Pushable::DeliveryError: channel "numbers"/)
    end

    it "never raises into a save" do
      deliver_by(:inline, nowhere)
      expect(Member.create!(family_id: 1)).to be_persisted
      expect(log).to match(/pushable: Member \d+ \(channel "family_1_members"\) Pushable::DeliveryError/)
    end

    it "waits no longer than its timeout for a server that never answers" do
      silent = TCPServer.new("127.0.0.1", 0)
      deliver_by(:inline, "http://127.0.0.1:#{silent.addr[1]}/faye", timeout: 0.3)
      expect(Pushable.publish("numbers", { n: 1 })).to be(false)
      expect(log).to include("DeliveryError")
    ensure
      silent.close
    end

    it "is given up when its thread is killed or timed out" do
      silent = TCPServer.new("127.0.0.1", 0)
      deliver_by(:inline, "http://127.0.0.1:#{silent.addr[1]}/faye", timeout: 300)
      expect { Timeout.timeout(0.3) { Pushable.publish("numbers", { n: 1 }) } }.to raise_error(Timeout::Error)
      thread = Thread.new { Pushable.publish("numbers", { n: 2 }) }
      wait_until("it waits") { thread.stop? }
      expect(thread.kill.join(20)).to equal(thread)
      deliver_by(:inline)
      expect(Pushable.publish("numbers", { n: 3 })).to be(true)
    ensure
      silent.close
    end
  end

  describe ":test" do
    it "keeps what the wire would have carried, and says true" do
      expect(Pushable.publish("a b", { n: 1 }, event: :create)).to be(true)
      expect(Pushable.deliveries)
        .to match([{ "channel" => "/sync/a$20b", "id" => String,
                     "data" => { "id" => String, "event" => "create", "object" => { "n" => 1 }, "at" => Integer } }])
      expect(courier_thread).to be_nil
    end
  end

  describe "Pushable.publish" do
    it "takes a record" do
      member = Member.create!(name: "Ann")
      Pushable.publish("x", member)
      expect(Pushable.deliveries.last["data"]).to include("event" => "update",
                                                          "object" => JSON.parse(member.to_json))
    end

    it "sends no object with a resync" do
      Pushable.publish("x", nil, event: "resync")
      expect(Pushable.deliveries.last["data"].keys).to contain_exactly("id", "event", "at")
    end

    it "refuses what cannot be, by name" do
      expect { Pushable.publish("a//b", 1) }.to raise_error(ArgumentError, %r{"a//b"})
      expect { Pushable.publish("", 1) }.to raise_error(ArgumentError, /""/)
      expect { Pushable.publish("x", 1, event: "creat") }.to raise_error(ArgumentError, /"creat".*create, update, dest/)
      expect { Pushable.publish("x", 1, evnet: 1) }.to raise_error(ArgumentError, /evnet/)
      expect { Pushable.publish("x", "\xFF") }.to raise_error(Pushable::EncodingError)
      expect(Pushable.deliveries).to be_empty
    end

    it "refuses what is too large, by its channel" do
      deliver_by(:async, nowhere, max_message_bytes: 1000)
      expect { Pushable.publish("numbers", "x" * 2000) }.to raise_error(Pushable::MessageTooLarge, /"numbers"/)
    end
  end

  describe "configuring twice" do
    it "sends what waits under the old settings, and the rest under the new ones" do
      other = FayeProcess.start
      old = subscribe("/sync/numbers")
      new = subscribe("/sync/numbers", url: other.url)
      deliver_by(:async)
      20.times { |n| Pushable.publish("numbers", { n: }) }
      deliver_by(:async, other.url)
      Pushable.publish("numbers", { n: 20 })
      expect(numbers(old, 20)).to eq((0...20).to_a)
      expect(numbers(new, 1)).to eq([20])
    ensure
      other&.stop
    end

    it "leaves the settings as they were when one of the new ones cannot be" do
      expect { deliver_by(:inline, "ftp://somewhere") }.to raise_error(ArgumentError)
      expect(Pushable.config.delivery_method).to eq(:test)
      expect(Pushable.publish("x", 1)).to be(true)
      expect(Pushable.deliveries.size).to eq(1)
    end
  end

  describe "processes" do
    def run(code)
      RubyProcess.run(<<~RUBY, env: { "PUSHABLE_SERVER" => faye.url })
        require "pushable"
        say = ->(n) { Pushable.publish("numbers", { n: }) or abort "not taken" }
        #{code}
      RUBY
    end

    it "a fork's parent and child deliver each their own, once" do
      subscriber = subscribe("/sync/numbers")
      result = run(<<~RUBY)
        50.times { |n| say.(n) }
        child = fork { 50.times { |n| say.(100 + n) } }
        50.times { |n| say.(50 + n) }
        Process.wait(child)
        exit $?.exitstatus
      RUBY
      expect(result.output).to be_empty
      expect(result.status).to be_success
      arrived = numbers(subscriber, 150)
      expect(arrived.sort).to eq((0...150).to_a)
      expect(arrived.select { |n| n < 100 }).to eq((0...100).to_a)
    end

    it "a child whose parent never pushed delivers, too" do
      subscriber = subscribe("/sync/numbers")
      expect(run("Process.wait(fork { say.(1) })").output).to be_empty
      expect(numbers(subscriber, 1)).to eq([1])
    end

    it "sends what waits when it leaves" do
      subscriber = subscribe("/sync/numbers")
      expect(run("100.times { |n| say.(n) }").output).to be_empty
      expect(numbers(subscriber, 100)).to eq((0...100).to_a)
    end

    it "sends what waits under older settings when it leaves" do
      subscriber = subscribe("/sync/numbers")
      run("100.times { |n| say.(n) }; Pushable.configure { |config| config.server = #{nowhere.inspect} }")
      expect(numbers(subscriber, 100)).to eq((0...100).to_a)
    end

    it "leaves in time when the server is down" do
      result = RubyProcess.run(<<~RUBY, env: { "PUSHABLE_SERVER" => nowhere })
        require "pushable"
        Pushable.configure { |config| config.exit_timeout = 0.3 }
        Pushable.publish("numbers", 1)
      RUBY
      expect(result.status).to be_success
      expect(result.output).to match(/dropped \(1 message\)/)
    end

    it "takes nothing any more after shutdown, and says so" do
      result = run("say.(1); Pushable.shutdown; p Pushable.publish('numbers', 2)")
      expect(result.output).to match(/ClosedError.*\nfalse\n|false\n.*ClosedError/m)
    end
  end
end
