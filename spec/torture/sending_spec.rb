# frozen_string_literal: true

require "socket"
require "support/recording_server"
require "support/torture"

# The courier as a Ruby class, for bin/test torture: what it does on the wire is delivery_spec.rb's, and what its C does
# by itself is spec/core's.
RSpec.describe "Sending, tortured", :pushing, databases: [:sqlite] do
  let!(:server) { RecordingServer.start }
  let(:received) { server.messages }

  after do
    Pushable.shutdown(5)
    server.stop
  end

  def deliver_by(method, port: server.port, **settings)
    Pushable.configure do |config|
      config.server = "http://127.0.0.1:#{port}/faye"
      config.delivery_method = method
      settings.each { |name, value| config.public_send(:"#{name}=", value) }
    end
  end

  %i[async inline].each do |method|
    it "by #{method}: what is saved, published and told of by several threads arrives" do
      deliver_by(method)
      Member.create!(name: "Ann " * 50, family_id: 1).update!(name: "Bea " * 50)
      Array.new(3) { |i| Thread.new { 5.times { |j| Pushable.publish("numbers", { i:, j:, text: "x" * 500 }) } } }
           .each(&:join)
      expect(Pushable.flush(20)).to be(true)
      expect(received.size).to eq(18)
      expect(received.map { |message| message["data"]["id"] }.uniq.size).to eq(18)
      expect(Pushable.stats).to include(down: false, pending_messages: 0)
    end

    it "by #{method}: a server that is not there is told of, and nothing is kept of it at the end" do
      port = TCPServer.open("127.0.0.1", 0) { |gone| gone.addr[1] }
      deliver_by(method, port:, max_age: 0.2)
      Pushable.publish("numbers", { text: "x" * 500 })
      wait_until("the failure was told of") { !log.empty? }
      Pushable.shutdown(0.1)
    end
  end

  it "settings that change leave couriers that can be collected" do
    10.times do |i|
      deliver_by(:async, timeout: 10 + i)
      Pushable.publish("numbers", { i:, text: "x" * 500 })
    end
    expect(Pushable.flush(20)).to be(true)
    expect(received.size).to eq(10)
    Pushable.shutdown(5)
    deliver_by(:test)
    GC.start
  end

  it "a queue that is full drops, and a shutdown in a hurry forgets" do
    deliver_by(:async, port: 1, queue_messages: 5)
    10.times { |i| Pushable.publish("numbers", { i:, text: "x" * 500 }) }
    Pushable.shutdown(0)
  end

  it "a child that was forked while messages wait sends its own alone" do
    deliver_by(:async)
    Pushable.publish("numbers", { from: "parent" })
    child = fork do
      Pushable.publish("numbers", { from: "child", text: "x" * 500 })
      exit!(Pushable.flush(20) ? 0 : 1)
    end
    _, status = Process.wait2(child)
    expect(status.exitstatus).to eq(0)
    expect(Pushable.flush(20)).to be(true)
    expect(received.map { |message| message["data"]["object"]["from"] }).to contain_exactly("parent", "child")
  end

  it "options that cannot be are refused, and a courier is made once" do
    options = Pushable.config.courier_options
    expect { Pushable::Courier.new(options.merge(url: "http://a\0b")) }.to raise_error(ArgumentError)
    expect { Pushable::Courier.new(options.merge(url: "ftp://example.org/")) }.to raise_error(ArgumentError)
    expect { Pushable::Courier.new(options.except(:timeout)) }.to raise_error(KeyError)
    courier = Pushable::Courier.new(options)
    expect { courier.send(:initialize, options) }.to raise_error(Pushable::Error, /once/)
    expect { Pushable::Courier.allocate.stats }.to raise_error(Pushable::Error)
  end
end
