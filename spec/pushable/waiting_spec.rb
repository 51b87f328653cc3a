# frozen_string_literal: true

require "support/pushing"
require "support/recording_server"
require "support/ruby_process"

# Pushable.flush, shutdown, pause and resume, from wherever they are called.
RSpec.describe "Waiting for the courier", :pushing, databases: [:sqlite] do
  let!(:server) { RecordingServer.start }

  before { deliver }
  after { server.stop }

  def deliver(**settings)
    Pushable.configure do |config|
      config.server = server.url
      config.delivery_method = :async
      settings.each { |name, value| config.public_send(:"#{name}=", value) }
    end
  end

  def publish(*numbers)
    numbers.each { |n| expect(Pushable.publish("numbers", { n: })).to be(true) }
  end

  # While the block runs, no POST is answered.
  def holding
    server.hold
    yield
  ensure
    server.go_on
  end

  # In a process of its own; what it says in the end.
  def run(code, env: {})
    result = RubyProcess.run(<<~RUBY, env: { "PUSHABLE_SERVER" => server.url }.merge(env))
      require "pushable"
      say = ->(*all) { all.each { |n| Pushable.publish("numbers", { n: }) or abort "not taken" } }
      #{code}
    RUBY
    result.output
  end

  describe "flush" do
    it "is true at once when there is nothing to wait for" do
      expect(Pushable.flush(0)).to be(true)
    end

    it "is false when its time is over, and true when the server has answered" do
      holding do
        publish(1, 2)
        expect(Pushable.flush(0.05)).to be(false)
        expect(Pushable.stats).to include(pending_messages: 2)
      end
      expect(Pushable.flush(20)).to be(true)
    end

    it "waits for what was pushed before it, not for what others push meanwhile" do
      going = true
      server.delay = 0.02 # time for the others to push, so that something always waits
      publish(0)
      pushing = Thread.new { (1..).each { |n| going ? Pushable.publish("numbers", { n: }) && sleep(0.0002) : break } }
      wait_until("the other pushes") { server.numbers.size > 10 }
      expect(Pushable.flush(10)).to be(true)
      expect(pushing).to be_alive
    ensure
      going = false
      pushing.join
    end

    it "is left at once by a Timeout" do
      holding do
        publish(1)
        started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
        expect { Timeout.timeout(0.1) { Pushable.flush(60) } }.to raise_error(Timeout::Error)
        expect(Process.clock_gettime(Process::CLOCK_MONOTONIC) - started).to be < 30
      end
    end

    it "may be called by several threads" do
      threads = holding do
        publish(*0...10)
        Array.new(4) { Thread.new { Pushable.flush(20) } }.each { |thread| wait_until("it waits") { thread.stop? } }
      end
      expect(threads.map(&:value)).to all(be(true))
    end

    it "keeps no other fiber of its thread waiting, where there is a scheduler" do
      skip "async is not in this Gemfile" unless Gem.loaded_specs.key?("async")
      require "async"
      order = []
      Async do |task|
        server.hold
        publish(1)
        task.async { order << Pushable.flush(20) }
        task.async do
          3.times do |n|
            sleep 0.005
            order << n
          end
          server.go_on
        end
      end
      expect(order).to eq([0, 1, 2, true])
    end
  end

  it "all may be called by a trap handler, also where the courier's thread was killed" do
    output = run(<<~RUBY)
      done = false
      say.(1)
      Pushable.flush(20)
      trap("USR1") do
        print Pushable.flush(20), Pushable.stats[:delivered]
        Pushable.pause
        Pushable.resume
        Pushable.shutdown(20)
        print Pushable.flush(0)
        done = true
      end
      say.(2, 3)
      Thread.list.find { |thread| thread.name == "pushable" }.kill.join
      Process.kill("USR1", Process.pid)
      sleep 0.01 until done
      puts " gone on"
    RUBY
    expect(output).to eq("true3true gone on\n")
    expect(server.numbers.uniq).to eq([1, 2, 3])
  end

  describe "pause" do
    it "holds back what is pushed until resume, in order" do
      Pushable.pause
      publish(1, 2)
      expect(Pushable.flush(0.2)).to be(false)
      expect(Pushable.stats).to include(paused: true, pending_messages: 2, delivered: 0)
      expect(server.numbers).to be_empty
      Pushable.resume
      publish(3)
      expect(Pushable.flush(20)).to be(true)
      expect(server.numbers).to eq([1, 2, 3])
      expect(Pushable.stats).to include(paused: false, delivered: 3)
    ensure
      Pushable.resume
    end

    it "holds for the courier of new settings, too" do
      Pushable.pause
      publish(1)
      deliver(timeout: 11)
      publish(2)
      expect(Pushable.flush(0.2)).to be(false)
      Pushable.resume
      expect(Pushable.flush(20)).to be(true)
      expect(server.numbers).to contain_exactly(1, 2)
    ensure
      Pushable.resume
    end

    it "does not hold at the end of the process" do
      expect(run("Pushable.pause; say.(1, 2)")).to be_empty
      expect(server.numbers).to eq([1, 2])
    end
  end

  describe "configuring again" do
    it "keeps courier and counters where the delivery's settings are as before" do
      holding do
        publish(1)
        deliver(secret_columns: /x/)
        publish(2)
      end
      expect(Pushable.flush(20)).to be(true)
      expect(server.numbers).to eq([1, 2])
      expect(Pushable.stats).to include(pushed: 2)
      expect(server.heads.size).to be <= 2
    end

    it "loses nothing that waits for a server that is down, however short the exit's time is" do
      port = server.port
      server.stop
      deliver(exit_timeout: 0.05)
      publish(1)
      wait_until("it has tried") { Pushable.stats[:retries].positive? }
      deliver(exit_timeout: 0.05, timeout: 11)
      wait_until("its exit's time would be over") { Pushable.flush(0.1) == false }
      again = RecordingServer.start(port)
      publish(2)
      expect(Pushable.flush(20)).to be(true)
      expect(again.numbers).to contain_exactly(1, 2)
    ensure
      again&.stop
    end

    it "goes on after shutdown" do
      publish(1)
      Pushable.shutdown(20)
      expect(Pushable.publish("numbers", { n: 2 })).to be(false)
      deliver
      publish(3)
      expect(Pushable.flush(20)).to be(true)
      expect(server.numbers).to eq([1, 3])
    end
  end
end
