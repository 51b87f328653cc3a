# frozen_string_literal: true

require "eventmachine"
require "faye/websocket"
require "io/wait"
require "json"
require "net/http"
require "openssl"
require "socket"
require "support/bayeux"
require "support/certificates"
require "support/faye_herd"
require "support/faye_process"
require "support/other_servers"
require "support/waiting"
require "tempfile"
require "tmpdir"

# TERM says goodbye properly, within `drain` seconds.
RSpec.describe "rake faye:start at TERM" do
  include Waiting

  # Far longer than this spec waits for anything: what ends has not ended by that.
  let(:long) { 600 }

  # A file that changes the server. It is the only way to have no time pass between two of its steps.
  def patch(code)
    (@patch = Tempfile.new(["patch", ".rb"])).write("require 'pushable/server'\n#{code}")
    @patch.close
    [@patch.path]
  end

  # The sockets of clients who were sent away stay open until we are done.
  def patient
    patch("Pushable::Server::Shutdown.send(:remove_const, :LAST_ANSWERS)\n" \
          "Pushable::Server::Shutdown::LAST_ANSWERS = 600")
  end

  def open_socket(faye)
    TCPSocket.new("127.0.0.1", faye.port)
  end

  def post(socket, message)
    body = JSON.generate([message])
    socket.write("POST /faye HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" \
                 "Content-Length: #{body.bytesize}\r\n\r\n#{body}")
  end

  def connect(faye, client)
    open_socket(faye).tap do |socket|
      post(socket, { channel: "/meta/connect", clientId: client, connectionType: "long-polling" })
    end
  end

  # All up to the socket's end.
  def read(socket)
    text = +""
    loop do
      raise "not closed in 20 s, after #{text.dump[0, 500]}" unless socket.wait_readable(20)

      text << socket.readpartial(1 << 16)
    end
  rescue EOFError
    text
  end

  def replies(socket)
    JSON.parse(read(socket)[/\r\n\r\n(.*)\z/m, 1])
  end

  def refuses_connections?(faye)
    open_socket(faye).close
    false
  rescue Errno::ECONNREFUSED
    true
  end

  it "advises each client to shake hands anew, each at a time of its own, and ends when all are gone" do
    faye = FayeProcess.start(drain: long)
    polls = Array.new(40) { connect(faye, Bayeux.handshake(faye.url)) }
    Bayeux.publish(faye.url, "/a", 1) # what came earlier is in the server's hands once this is answered
    faye.signal("TERM")
    advice = polls.map { |poll| replies(poll).first.fetch("advice") }

    expect(advice.map { |given| given["reconnect"] }).to all(eq("handshake"))
    intervals = advice.map { |given| given["interval"] }
    expect(intervals).to all(be_between(1000, 5000))
    expect(intervals.max - intervals.min).to be > 1500 # 40 numbers at random: less once in many millions of runs
    expect(faye.wait).to have_attributes(exitstatus: 0)
  ensure
    polls&.each(&:close)
    faye&.kill
  end

  it "has its clients back at the next server" do
    first, second = Array.new(2) { FayeProcess.start(drain: long) }
    proxy = Nginx.new(first.port, second.port)
    herds = %w[websocket long-polling].map { |transport| FayeHerd.new(proxy.url, "/sync/a", 10, transport:) }
    herds.each(&:mark)

    expect(first.stop).to have_attributes(exitstatus: 0)
    herds.each { |herd| herd.wait_until_all("subscribed") }
    expect(herds.flat_map { |herd| herd.lines("down") }).to be_empty
    Bayeux.publish(proxy.url, "/sync/a", 1)
    herds.each { |herd| herd.wait_until_all("heard") }
  ensure
    herds&.each(&:leave)
    [proxy, first, second].compact.each(&:stop)
  end

  it "lets nobody new in, is not healthy, and answers what is under way" do
    faye = FayeProcess.start(drain: long, requires: patient)
    client = Bayeux.handshake(faye.url)
    # A request that has begun keeps it from ending.
    unfinished = open_socket(faye)
    unfinished.write("GET /health HTTP/1.1\r\n")
    late = open_socket(faye)
    late.write("POST /faye HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n")
    Bayeux.publish(faye.url, "/a", 1)
    faye.signal("TERM")
    wait_until("it lets nobody in") { refuses_connections?(faye) }

    unfinished.write("Host: a\r\n\r\n")
    expect(read(unfinished)).to start_with("HTTP/1.1 503").and end_with("\r\n\r\nleaving\n")
    body = JSON.generate([{ channel: "/a", data: 1, id: "1" },
                          { channel: "/meta/handshake", version: "1.0", supportedConnectionTypes: ["long-polling"] },
                          { channel: "/meta/subscribe", clientId: client, subscription: "/b" },
                          { channel: "/meta/connect", clientId: client, connectionType: "long-polling" }])
    late.write("Content-Length: #{body.bytesize}\r\n\r\n#{body}")
    expect(replies(late)).to match(
      [include("channel" => "/a", "successful" => false, "error" => "503::The server is leaving"),
       include("channel" => "/meta/handshake", "successful" => false, "advice" => include("reconnect" => "handshake")),
       include("channel" => "/meta/subscribe", "successful" => true),
       include("channel" => "/meta/connect", "successful" => true, "advice" => include("reconnect" => "handshake"))]
    )
    expect(faye.wait).to have_attributes(exitstatus: 0)
  ensure
    [unfinished, late].compact.each(&:close)
    faye&.kill
  end

  it "writes what clients are slow to read" do
    faye = FayeProcess.start(drain: long, send_buffer: 1 << 23)
    client = Bayeux.handshake(faye.url)
    Bayeux.call(faye.url, { channel: "/meta/subscribe", clientId: client, subscription: "/a" })
    3.times { |n| Bayeux.publish(faye.url, "/a", n.to_s * (1 << 20)) }
    idle = open_socket(faye)
    slow = Socket.new(:INET, :STREAM)
    slow.setsockopt(:SOCKET, :RCVBUF, 4096)
    slow.connect(Addrinfo.tcp("127.0.0.1", faye.port))
    post(slow, { channel: "/meta/connect", clientId: client, connectionType: "long-polling" })
    raise "no answer" unless slow.wait_readable(20)

    faye.signal("TERM")
    read(idle) # those that wait for nothing are closed
    expect(replies(slow).map { |reply| reply["data"]&.size }).to eq([nil, *[1 << 20] * 3])
    expect(faye.wait).to have_attributes(exitstatus: 0)
  ensure
    [idle, slow].compact.each(&:close)
    faye&.kill
  end

  it "answers what a websocket's client sends before it has read the advice" do
    faye = FayeProcess.start(drain: long, requires: patient)
    answers = conversation(faye)

    expect(answers["/meta/connect"]).to include("successful" => true, "advice" => include("reconnect" => "handshake"))
    expect(answers["/meta/subscribe"]).to include("successful" => true)
  ensure
    faye&.kill
  end

  # Connects, has the server leave, and subscribes once the connect is answered.
  # @return [Hash] channel to answer
  def conversation(faye)
    answers = {}
    EventMachine.run do
      socket = Faye::WebSocket::Client.new(faye.url.sub("http", "ws"))
      handshake = { channel: "/meta/handshake", version: "1.0", supportedConnectionTypes: ["websocket"] }
      socket.on(:open) { socket.send(JSON.generate(handshake)) }
      socket.on(:message) do |event|
        JSON.parse(event.data).each { |reply| go_on(faye, socket, answers.update(reply["channel"] => reply), reply) }
      end
      EventMachine.add_timer(20) { EventMachine.stop }
    end
    answers
  end

  def go_on(faye, socket, answers, reply)
    client = { clientId: answers["/meta/handshake"]["clientId"] }
    case reply["channel"]
    when "/meta/handshake"
      socket.send(JSON.generate({ channel: "/meta/connect", connectionType: "websocket", **client }))
      socket.send(JSON.generate({ channel: "/meta/unsubscribe", subscription: "/a", **client }))
    when "/meta/unsubscribe" then faye.signal("TERM") # so the connect is in its hands
    when "/meta/connect" then socket.send(JSON.generate({ channel: "/meta/subscribe", subscription: "/a", **client }))
    when "/meta/subscribe" then EventMachine.stop
    end
  end

  it "closes websockets with a close frame, also one through which nothing has come" do
    faye = FayeProcess.start(drain: long)
    socket = open_socket(faye)
    socket.write("GET /faye HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
                 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    expect(socket.wait_readable(20) && socket.readpartial(4096)).to start_with("HTTP/1.1 101")
    faye.signal("TERM")

    expect(socket.wait_readable(20) && socket.readpartial(4096)).to eq("\x88\x02\x03\xE8".b)
    socket.write("\x88\x82\0\0\0\0\x03\xE8".b) # so it is agreed upon
    expect(read(socket)).to eq("")
    expect(faye.wait).to have_attributes(exitstatus: 0)
  ensure
    socket&.close
    faye&.kill
  end

  # Nothing but the deadline ends these.
  context "when clients do not" do
    let(:directory) { Dir.mktmpdir }

    after { FileUtils.remove_entry(directory) }

    # Asks for what the socket's buffers cannot hold, and does not read it.
    def ask_for_much(socket)
      request = "GET /faye/client.js HTTP/1.1\r\nHost: a\r\n\r\n"
      300.times { socket.write(request) }
    end

    it "waits for them until the deadline" do
      faye = FayeProcess.start
      silent = open_socket(faye)
      half = open_socket(faye)
      half.write("POST /faye HTTP/1.1\r\nContent-Length: 100\r\n\r\n[")
      deaf = open_socket(faye)
      deaf.setsockopt(:SOCKET, :RCVBUF, 4096)
      ask_for_much(deaf)
      Bayeux.publish(faye.url, "/a", 1)

      expect(faye.stop).to have_attributes(exitstatus: 0)
    ensure
      [silent, half, deaf].compact.each(&:close)
      faye&.kill
    end

    it "waits for them until the deadline by https, too" do
      key, cert = Certificates.pair(directory)
      faye = FayeProcess.start(key:, cert:)
      no_handshake = open_socket(faye)
      deaf = OpenSSL::SSL::SSLSocket.new(open_socket(faye))
      deaf.connect
      ask_for_much(deaf)
      Bayeux.publish(faye.url, "/a", 1, ca_file: cert)

      expect(faye.stop).to have_attributes(exitstatus: 0)
    ensure
      [no_handshake, deaf].compact.each(&:close)
      faye&.kill
    end

    it "ends at once at a second signal" do
      faye = FayeProcess.start(drain: 600)
      half = open_socket(faye)
      half.write("POST /faye HTTP/1.1\r\nContent-Length: 100\r\n\r\n[")
      Bayeux.publish(faye.url, "/a", 1)
      faye.signal("INT")
      wait_until("it lets nobody in") { refuses_connections?(faye) }
      wait_until("it has ended") { faye.signal("TERM").nil? }

      expect(faye.wait).to have_attributes(exitstatus: 0)
    ensure
      half&.close
      faye&.kill
    end
  end

  # The fault: a message that blocks the event loop for ten minutes.
  it "ends when the event loop is stuck" do
    stuck = patch(<<~RUBY)
      Pushable::Server::Guard.prepend(Module.new do
        def incoming(message, *)
          $stdout.puts("stuck") || sleep(600) if message["channel"] == "/stuck"
          super
        end
      end)
    RUBY
    faye = FayeProcess.start(requires: stuck)
    post(socket = open_socket(faye), { channel: "/stuck", data: 1 })
    faye.wait_for_output(/^stuck$/)

    expect(faye.stop).to have_attributes(exitstatus: 0)
  ensure
    socket&.close
    faye&.kill
  end
end
