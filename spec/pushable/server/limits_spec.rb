# frozen_string_literal: true

require "io/wait"
require "net/http"
require "pushable/keys"
require "socket"
require "support/bayeux"
require "support/certificates"
require "support/faye_process"
require "support/waiting"
require "tempfile"
require "tmpdir"

# What a server does that has as many connections as it may have. Left to Thin and the system, new ones would hang.
RSpec.describe "max_connections of rake faye:start" do
  include Waiting

  before(:all) do
    @faye = FayeProcess.start(max_connections: 20, verbose: true, env: { "PUSHABLE_SECRET" => "s" })
  end

  after(:all) { @faye.stop }

  let(:key) { { "Authorization" => "Bearer #{Pushable::Keys.publish("s")}" } }
  let(:sockets) { [] }

  after do
    sockets.each(&:close)
    wait_until("they are gone") { connections <= 1 }
  end

  # Twenty that have been served and stay.
  def fill(faye = @faye)
    20.times { expect(request(open_socket(faye), "GET /faye/client.js")).to start_with("HTTP/1.1 200") }
  end

  def open_socket(faye = @faye)
    TCPSocket.new("127.0.0.1", faye.port).tap { |socket| sockets << socket }
  end

  # What is answered, up to the end of the headers at least.
  def request(socket, line, headers = {}, body = "")
    headers = { "Host" => "a", "Content-Length" => body.bytesize, **headers }
    socket.write("#{line} HTTP/1.1\r\n#{headers.map { |name, value| "#{name}: #{value}\r\n" }.join}\r\n#{body}")
    raise "no answer in 20 s" unless socket.wait_readable(20)

    socket.readpartial(64 * 1024)
  end

  def closed?(socket)
    socket.wait_readable(20) or raise "not closed in 20 s"
    socket.read.empty?
  rescue Errno::ECONNRESET
    true
  end

  def publish
    Bayeux.publish(@faye.url, "/sync/members", 1, headers: key).first
  end

  def connections
    @faye.metric(:connections)
  end

  it "is told at boot" do
    expect(@faye.output).to match(%r{/faye, for 20 connections at most})
  end

  it "refuses a browser's request beyond it at once, and says so" do
    fill
    late = open_socket
    websocket = { "Upgrade" => "websocket", "Connection" => "Upgrade", "Sec-WebSocket-Version" => "13",
                  "Sec-WebSocket-Key" => "dGhlIHNhbXBsZSBub25jZQ==" }

    expect(request(late, "POST /faye", { "Content-Type" => "application/json" }, "[]"))
      .to start_with("HTTP/1.1 503").and match(/^retry-after: \d+/i)
    expect(closed?(late)).to be(true)
    expect(request(open_socket, "GET /faye", websocket)).to start_with("HTTP/1.1 503")
    expect(@faye.metric(:denied_total)).to be_positive
    @faye.wait_for_output(/refused a connection: there are 20 \(max_connections\)/)
  end

  it "keeps those it has" do
    fill
    expect(request(open_socket, "GET /faye")).to start_with("HTTP/1.1 503")
    expect(request(sockets.first, "GET /faye/client.js")).to start_with("HTTP/1.1 200")
  end

  it "does not count against publishers, nor against who looks after the server" do
    fill
    300.times { open_socket } # silent ones; more than are kept beyond it

    expect(publish).to include("successful" => true)
    expect(Net::HTTP.get(URI("http://127.0.0.1:#{@faye.port}/health"))).to eq("ok\n")
    expect(connections).to be_between(20, 20 + 64 + 1)
  end

  # The fault: a publish that takes its time, while the server does other things.
  it "never lets the silent ones push out a publisher that is at it" do
    fault = Tempfile.new(["fault", ".rb"])
    fault.write(<<~RUBY)
      require "pushable/server"
      Pushable::Server::FanOut.prepend(Module.new do
        def outgoing(message, request, callback)
          $stdout.puts("publishing")
          EventMachine.add_timer(2) { super }
        end
      end)
    RUBY
    fault.close
    faye = FayeProcess.start(max_connections: 0, env: { "PUSHABLE_SECRET" => "s" }, requires: [fault.path])
    publisher = Thread.new { Bayeux.publish(faye.url, "/sync/members", 1, headers: key).first }
    faye.wait_for_output(/^publishing$/)
    200.times { open_socket(faye) }

    expect(publisher.value).to include("successful" => true)
  ensure
    faye&.stop
  end

  it "takes browsers again when others have left" do
    fill
    sockets.pop(5).each(&:close)
    wait_until("five are gone") { connections <= 16 }

    expect(request(open_socket, "GET /faye/client.js")).to start_with("HTTP/1.1 200")
  end

  it "bounds the handshakes, too, which need no connection of their own" do
    handshake = { channel: "/meta/handshake", version: "1.0", supportedConnectionTypes: ["long-polling"] }
    replies = Array.new(10) { Bayeux.call(@faye.url, [handshake] * 50) }.flatten
    accepted, refused = replies.partition { |reply| reply["successful"] }

    expect(accepted.size).to be_between(200, 2 * (20 + 128))
    expect(refused.map { |reply| reply["error"] }.uniq).to eq(["503::Too many clients"])
    accepted.each_slice(50) do |some|
      Bayeux.call(@faye.url, some.map { |reply| { channel: "/meta/disconnect", clientId: reply["clientId"] } })
    end
    expect(Bayeux.handshake(@faye.url)).to be_a(String)
  end

  it "holds for https, too" do
    Dir.mktmpdir do |directory|
      key_file, cert = Certificates.pair(directory)
      faye = FayeProcess.start(max_connections: 0, key: key_file, cert:, env: { "PUSHABLE_SECRET" => "s" })

      expect(Bayeux.post(faye.url, [], ca_file: cert).code).to eq("503")
      expect(Bayeux.publish(faye.url, "/a", 1, ca_file: cert, headers: key).first).to include("successful" => true)
    ensure
      faye&.stop
    end
  end

  describe "when few files may be open" do
    it "is what they allow, which is said in a line" do
      faye = FayeProcess.start(spawn: { rlimit_nofile: [256, 512] })

      expect(faye.output).to match(/only 512 open files are allowed here, .*ulimit -n/)
        .and match(/for 384 connections at most/)
      expect(faye.output.lines.grep_v(/secret/).size).to eq(2)
    ensure
      faye&.stop
    end

    it "serves no one rather than hang, when they are next to none" do
      process = FayeProcess.new({ port: 0 }, chdir: FayeProcess::ROOT, env: {}, spawn: { rlimit_nofile: [100, 100] })

      expect(process.wait).to have_attributes(exitstatus: 1)
      expect(process.output).to match(/^faye:start: only 100 open files are allowed here: raise the limit/)
    end
  end
end
