# frozen_string_literal: true

require "openssl"
require "socket"
require "support/bayeux"
require "support/certificates"
require "support/faye_process"
require "support/faye_subscriber"
require "support/stalling_socket"
require "tmpdir"

# What clients that read slowly, or not at all, or say nothing, cost the server. PUSHABLE_TEST_LONG=1 sends more.
RSpec.describe "rake faye:start and slow clients" do
  let(:channel) { "/sync/members_#{rand(1 << 64)}" }
  let(:opened) { [] }

  after { opened.each(&:close) }

  def keep(socket)
    opened << socket
    socket
  end

  # @return [Integer] bytes
  def rss(faye)
    File.read("/proc/#{faye.pid}/status")[/VmRSS:\s+(\d+)/, 1].to_i * 1024
  end

  let(:many) { ENV["PUSHABLE_TEST_LONG"] ? 10_000 : 1500 }

  # Ten KB each, a hundred to a request.
  #
  # @return [Integer] the most memory the server was seen with
  def flood(faye, on, count, **options)
    text = "x" * 10_000
    (count / 100).times.map do
      messages = Array.new(100) { { channel: on, id: rand(1 << 64).to_s(36), data: { text: } } }
      expect(Bayeux.call(faye.url, messages, **options)).to all(include("successful" => true))
      rss(faye)
    end.max
  end

  def connect(faye, client, **options)
    Bayeux.call(faye.url, { channel: "/meta/connect", clientId: client, connectionType: "long-polling",
                            advice: { timeout: 0 } }, **options)
  end

  # @yield to a browser that has subscribed, on a server of its own
  # @return [Integer] the most memory that the server was seen with while it sent a flood
  def most_with_browser(**options)
    faye = FayeProcess.start(verbose: true, replay_messages: 0, **options)
    options = { ca_file: options[:cert] }.compact
    browser = keep(StallingSocket.new(faye.url, **options))
    browser.subscribe(channel)
    yield browser, nil
    flood(faye, channel, many, **options).tap { yield browser, faye }
  ensure
    faye&.stop
  end

  { "http" => false, "https" => true }.each do |scheme, tls|
    it "gives up a browser that reads nothing of a flood, over #{scheme}, before it takes 8 MiB" do
      Dir.mktmpdir do |directory|
        key, cert = Certificates.pair(directory) if tls
        options = tls ? { key:, cert: } : {}
        reading = most_with_browser(**options) { |browser, faye| browser.drain unless faye }
        paused = most_with_browser(**options) { |browser, faye| expect_dropped(browser, faye, cert) if faye }

        puts "      #{scheme}: RSS at most #{reading / 1024} KB with one that reads, #{paused / 1024} KB with this one"
        expect(paused - reading).to be <= 8 * 1024 * 1024
      end
    end
  end

  def expect_dropped(browser, faye, cert)
    options = { ca_file: cert }.compact
    expect(faye.metric(:dropped_clients_total, **options)).to eq(1), faye.output
    faye.wait_for_output(/dropped a client: \d+ bytes waited for it to read/)
    expect(connect(faye, browser.client, **options).first["error"]).to start_with("401:")
    expect(browser.closed?).to be(true)
  end

  it "ends a websocket that asks and asks and reads no answer" do
    faye = FayeProcess.start(send_buffer: 100_000, verbose: true)
    browser = keep(StallingSocket.new(faye.url))
    browser.subscribe(channel)

    expect { 100_000.times { browser.ping("x" * 100) } }.to raise_error(SystemCallError)
    faye.wait_for_output(/dropped a client: \d+ bytes waited for it to read/)
  ensure
    faye&.stop
  end

  describe "that do not answer" do
    before(:all) { @faye = FayeProcess.start(ping: 0.5, request_timeout: 1, send_buffer: 100_000, verbose: true) }
    after(:all) { @faye.stop }

    def closed?(socket)
      socket.wait_readable(20) && socket.read_nonblock(1, exception: false).nil?
    rescue Errno::ECONNRESET
      true
    end

    it "ends a websocket that answers no ping, and keeps one that does" do
      other = FayeSubscriber.start(@faye.url, channel)
      browser = keep(StallingSocket.new(@faye.url))
      browser.subscribe(channel)

      expect(browser.closed?).to be(true)
      @faye.wait_for_output(/dropped a client: it did not answer a ping/)
      expect(connect(@faye, browser.client).first["error"]).to start_with("401:")
      Bayeux.publish(@faye.url, channel, { "n" => 1 })
      expect(other.wait_for_messages(1).first["data"]).to include("n" => 1)
      expect(other.lines("down")).to be_empty
    ensure
      other&.stop
    end

    it "ends a websocket that never connects" do
      expect(keep(StallingSocket.new(@faye.url)).closed?).to be(true)
      @faye.wait_for_output(/dropped a client: it opened a websocket and has not connected/)
    end

    it "ends connections whose request does not come, by and by or at all, and keeps one that waits for its next" do
      served = keep(TCPSocket.new("127.0.0.1", @faye.port))
      served.write("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
      expect(served.readpartial(1000)).to start_with("HTTP/1.1 200")
      late = ["", "GET /", "POST /faye HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n["].map do |begun|
        keep(TCPSocket.new("127.0.0.1", @faye.port)).tap { |socket| socket.write(begun) }
      end
      dripping = Thread.new { drip(late.last) }

      expect(late.map { |socket| closed?(socket) }).to all(be(true))
      served.write("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
      expect(served.readpartial(1000)).to start_with("HTTP/1.1 200")
      expect(dripping.value).to be_a(SystemCallError)
    end

    # A byte now and then, until the server has had enough.
    def drip(socket)
      200.times do
        socket.write("x")
        sleep 0.1
      end
      nil
    rescue SystemCallError => e
      e
    end

    it "ends one that never begins with TLS" do
      Dir.mktmpdir do |directory|
        key, cert = Certificates.pair(directory)
        faye = FayeProcess.start(request_timeout: 1, key:, cert:)

        expect(closed?(keep(TCPSocket.new("127.0.0.1", faye.port)))).to be(true)
      ensure
        faye&.stop
      end
    end
  end
end
