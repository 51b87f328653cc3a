# frozen_string_literal: true

require "support/pushing"
require "support/recording_server"
require "socket"

# What becomes of deliveries, as the application is told.
RSpec.describe "Reporting", :pushing, databases: [:sqlite] do
  after { server&.stop }

  # Set by the examples that need one.
  attr_accessor :server

  def deliver_to(url, **settings)
    Pushable.configure do |config|
      config.server = url
      config.delivery_method = :async
      settings.each { |name, value| config.public_send(:"#{name}=", value) }
    end
  end

  def refusing_server
    self.server = RecordingServer.start { true }
    deliver_to(server.url)
  end

  # Where nobody listens.
  def nowhere
    TCPServer.open("127.0.0.1", 0) { |gone| "http://127.0.0.1:#{gone.addr[1]}/faye" }
  end

  def hearing(*names, handler)
    subscriptions = names.map { |name| ActiveSupport::Notifications.subscribe("#{name}.pushable", handler) }
    yield
  ensure
    subscriptions.each { |subscription| ActiveSupport::Notifications.unsubscribe(subscription) }
  end

  # What subscribers are told in the block.
  def heard(*names)
    payloads = []
    hearing(*names, ->(*, payload) { payloads << payload }) { yield payloads }
    payloads
  end

  def outcome(kind, **details)
    { kind:, reason: "the server did not answer in time", status: 0, count: 1, channel: "", text: "", bytes: 0,
      milliseconds: 0 }.merge(details)
  end

  def tell(...) = Pushable::Reporting::Outcomes.tell(outcome(...))

  describe "notifications" do
    it "reject names the channel, the server's words, and how many" do
      refusing_server
      told = heard(:reject) do |payloads|
        Pushable.publish("x", 1)
        wait_until("it is told of") { payloads.any? }
      end
      expect(told).to match([include(kind: :reject, count: 1, channel: "/sync/x",
                                     reason: "the server refused the message", text: "403:/sync/x:Forbidden")])
      expect(log).to match(%r{WARN.*pushable: refused by the server \(1 message\) on /sync/x - the server refused})
    end

    it "reject of what went wrong after a commit has the same keys, and error, record and rule" do
      error = KeyError.new("no family")
      told = heard(:reject) { Pushable::Reporter.report(error, nil, ":collections") }
      expect(told).to match([{ kind: :reject, reason: "no family", status: 0, count: 1, channel: "", text: "", bytes: 0,
                               milliseconds: 0, error:, record: nil, rule: ":collections" }])
    end

    it "retry and down come of a server that is not there, up when it is back" do
      port = URI(nowhere).port
      told = heard(:retry, :down, :up) do |payloads|
        deliver_to("http://127.0.0.1:#{port}/faye")
        Pushable.publish("x", 1)
        wait_until("it is down") { payloads.any? { |payload| payload[:kind] == :down } }
        self.server = RecordingServer.start(port)
        wait_until("it is up") { payloads.any? { |payload| payload[:kind] == :up } }
      end
      expect(told.first).to include(kind: :retry, reason: "the server cannot be reached")
      expect(told.map { |payload| payload[:kind] }.uniq).to eq(%i[retry down up])
      expect(server.messages.size).to eq(1)
    end

    it "deliver is told while somebody listens, with bytes and milliseconds" do
      self.server = RecordingServer.start
      deliver_to(server.url)
      told = heard(:deliver) do |payloads|
        Pushable.publish("x", 1)
        wait_until("it is told of") { payloads.any? }
      end
      expect(told.first).to include(kind: :deliver, count: 1, bytes: a_value > 50, milliseconds: a_value >= 0)
      expect(log).to be_empty
    end

    it "deliver is told to those who come later, and no longer when they are gone" do
      self.server = RecordingServer.start
      deliver_to(server.url)
      courier_told = []
      allow(Pushable::Reporting::Outcomes).to receive(:tell).and_wrap_original do |tell, outcome|
        courier_told << outcome
        tell.call(outcome)
      end
      # Of the first it is told before the second goes out.
      publish = -> { 2.times { Pushable.publish("x", 1) && Pushable.flush(20) } }
      publish.call
      expect(courier_told).to be_empty
      heard(:deliver) { |payloads| wait_until("it is told of") { publish.call && payloads.any? } }
      wait_until("nothing is told of any more") { courier_told.clear && publish.call && courier_told.empty? }
    end
  end

  describe "the log" do
    it "has one line a minute for lost messages of one cause, however many" do
      5.times { |n| tell(:drop, count: n + 1, channel: "/sync/x") }
      tell(:drop, reason: "the queue is full")
      tell(:reject)
      expect(log.lines.map { |line| line[/pushable: .*/] })
        .to eq(["pushable: dropped (1 message) on /sync/x - the server did not answer in time",
                "pushable: dropped (1 message) - the queue is full",
                "pushable: refused by the server (1 message) - the server did not answer in time"])
    end

    it "has the first of the tries that fail for one cause, none while the server is down, and what was held back" do
      3.times { tell(:retry, status: 503) }
      tell(:retry, status: 502)
      tell(:down, status: 503, text: "HTTP 503")
      tell(:retry, reason: "something new")
      3.times { tell(:drop) }
      tell(:up)
      tell(:retry, status: 503)
      expect(log.lines.map { |line| line[/(?<=pushable: )(.*?)(?= - | \(|$)/] + line[/ \(.*?\)/].to_s })
        .to eq(["not delivered yet, trying again (status 503)", "not delivered yet, trying again (status 502)",
                "the server is down (status 503)", "dropped (1 message)", "the server is up again",
                "dropped (2 messages)", "not delivered yet, trying again (status 503)"])
    end

    it "has what was held back when the courier leaves" do
      self.server = RecordingServer.start
      deliver_to(server.url)
      Pushable.publish("x", 1)
      3.times { tell(:drop) }
      Pushable.shutdown(20)
      expect(log.lines.last).to match(/dropped \(2 messages\)/)
    end

    it "is told at once again after new settings" do
      2.times do
        tell(:retry)
        deliver_to(nowhere)
      end
      expect(log.scan("trying again").size).to eq(2)
    end
  end

  describe "Rails.error" do
    let(:reports) { [] }

    before do
      reports = self.reports
      reporter = Object.new
      reporter.define_singleton_method(:report) { |error, **details| reports << [error, details] }
      stub_const("Rails", Module.new { define_singleton_method(:error) { reporter } })
    end

    it "hears of lost messages and of a server that is down, once a minute for each cause" do
      %i[reject drop down retry up].each { |kind| 3.times { tell(kind, channel: "/sync/x") } }
      expect(reports.map { |error, details| [error.class, error.message[/\w+ ?\w+(?= by| \(| is)/], details] })
        .to match([[Pushable::DeliveryError, "refused", include(severity: :error, handled: true)],
                   [Pushable::DeliveryError, "dropped", include(severity: :error)],
                   [Pushable::DeliveryError, "the server", include(severity: :warning)]])
      expect(reports.first.last[:context]).to eq(channel: "/sync/x", count: 1)
    end

    it "hears of it also where a subscriber raises, who stands in nobody's way" do
      allow(Pushable::Reporting).to receive(:warn)
      hearing(:reject, ->(*) { raise NotImplementedError, "no ears" }) do
        tell(:reject)
        Pushable::Reporter.report(KeyError.new("no family"))
      end
      expect(reports.map { |error, _| error.class }).to eq([Pushable::DeliveryError, KeyError])
      expect(Pushable::Reporting).to have_received(:warn).with(/NotImplementedError.*no ears/).twice
    end

    it "hears once a minute of what fails at one place after a commit, and of every other" do
      failure = ->(text) { raise text }
      2.times do |n|
        failure.call("failure #{n}")
      rescue RuntimeError => e
        Pushable::Reporter.report(e)
      end
      Pushable::Reporter.report(KeyError.new("made, not raised"))
      expect(reports.map { |error, _| error.message }).to eq(["failure 0", "made, not raised"])
      expect(log.lines.size).to eq(3)
    end
  end

  describe "a minute" do
    it "holds back and counts what comes within it, cause by cause" do
      time = 0.0
      limit = Pushable::Reporting::Limit.new(-> { time })
      expect(limit.pass(:a)).to eq(1)
      expect(limit.pass(:b, 5)).to eq(5)
      time = 59.9
      expect([limit.pass(:a), limit.pass(:a, 3)]).to eq([nil, nil])
      time = 60.0
      expect(limit.pass(:a)).to eq(5)
      expect(limit.pass(:a)).to be_nil
      expect(limit.release).to eq(a: 1)
      expect(limit.pass(:a)).to eq(1)
    end

    it "is kept for so many causes at most" do
      limit = Pushable::Reporting::Limit.new(-> { 0 })
      (limit.class::CAUSES + 1).times { |n| limit.pass(n) }
      expect(limit.pass(limit.class::CAUSES)).to be_nil
      expect(limit.pass(0)).to eq(1)
    end
  end

  # It runs in the courier's own thread, and must not end what that is there for.
  describe "a handler that" do
    { "raises" => -> { raise "no" }, "is not written yet" => -> { raise NotImplementedError },
      "throws" => -> { throw :out }, "ends its thread" => -> { Thread.exit },
      "raises what is no mere error" => -> { raise Exception, "worse" }, # rubocop:disable Lint/RaiseException
      "never comes back from a recursion" => -> { (recurse = -> { recurse.call }).call } }.each do |what, act|
      it "#{what} does not stop the courier: all is delivered, and told of" do
        self.server = RecordingServer.start { |object| object["n"].odd? }
        deliver_to(server.url)
        calls = Queue.new
        handler = lambda do |*|
          calls << true
          Thread.current.report_on_exception = false
          act.call
        end
        allow(Pushable::Reporting).to receive(:warn)
        hearing(:reject, handler) do
          6.times do |n|
            Pushable.publish("x", { n: })
            expect(Pushable.flush(20)).to be(true)
            wait_until("the handler was called") { calls.size == (n + 1) / 2 }
          end
        end
        expect(server.numbers).to eq((0...6).to_a)
        expect(Pushable.stats).to include(delivered: 3, rejected: 3, pending_messages: 0)
      end
    end

    it "ends its thread does so while messages wait: they go out without another push" do
      self.server = RecordingServer.start { true }
      server.hold
      deliver_to(server.url)
      hearing(:reject, ->(*) { Thread.exit }) do
        300.times { |n| Pushable.publish("x", { n: }) }
        server.go_on
        wait_until("all went out") { server.numbers.size == 300 }
      end
      expect(server.numbers).to eq((0...300).to_a)
    end
  end
end
