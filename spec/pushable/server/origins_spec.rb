# frozen_string_literal: true

require "json"
require "socket"
require "support/faye_process"
require "support/tokens"

# Whose pages may talk to the server.
RSpec.describe "rake faye:start and the origins of pages" do
  # By environment and options, what is let in and what is not, each as Origin, Host and X-Forwarded-Host.
  cases = {
    "in production, without allowed_origins" => [
      { env: { "RAILS_ENV" => "production" } },
      [[nil], ["https://app.example.com", "app.example.com"], ["http://app.example.com:3000", "app.example.com:9292"],
       ["https://APP.example.com", "app.example.COM:443"], ["https://[::1]:3000", "[::1]:9292"],
       ["https://app.example.com", "127.0.0.1:9292", "app.example.com"],
       ["https://app.example.com", "127.0.0.1:9292", "app.example.com:443, inner.example.com"]],
      [["https://evil.example", "app.example.com"], ["https://example.com", "app.example.com"],
       ["https://app.example.com.evil.example", "app.example.com"], ["null", "app.example.com"],
       ["", "app.example.com"], ["null", "null"], ["app.example.com", "app.example.com"],
       ["https://app.example.com/evil", "app.example.com"], ["https://evil.app.example.com", "app.example.com"],
       ["https://app.example.com@evil.example", "app.example.com"], ["https://:80", ":9292"],
       ["file://app.example.com", "app.example.com"], ["https://evil.example", "127.0.0.1", "app.example.com"]]
    ],
    "with allowed_origins" => [
      { env: { "RAILS_ENV" => "production" }, verbose: true,
        allowed_origins: "https://app.example.com:443/, http://b.example:8080" },
      [[nil], ["https://app.example.com"], ["https://APP.example.com"], ["http://b.example:8080"]],
      [["http://app.example.com"], ["https://app.example.com:8443"], ["http://b.example"], ["null"], [""],
       ["https://push.example.com", "push.example.com"], ["https://app.example.com.evil.example"]]
    ],
    "in development" => [{}, [[nil], ["https://any.example", "localhost:9292"], ["null"]], []]
  }

  handshake = { channel: "/meta/handshake", version: "1.0", supportedConnectionTypes: ["long-polling"] }
  websocket = { "Connection" => "Upgrade", "Upgrade" => "websocket", "Sec-WebSocket-Version" => "13",
                "Sec-WebSocket-Key" => "dGhlIHNhbXBsZSBub25jZQ==" }
  # Each way in, and the status of those who are let in.
  ways = {
    "a POST" => ["POST /faye", { "Content-Type" => "application/json" }, JSON.generate(handshake), "200"],
    "a preflight" => ["OPTIONS /faye", { "Access-Control-Request-Method" => "POST" }, "", "200"],
    "a websocket" => ["GET /faye", websocket, "", "101"],
    "an EventSource" => ["GET /faye/none", { "Accept" => "text/event-stream" }, "", "200"]
  }

  # @param from [Array] Origin, Host, X-Forwarded-Host
  # @param way [Array] request line, headers, body
  # @return [String] status line and headers
  def answer(from, way)
    line, headers, body = way
    origin, host, forwarded = from
    headers = headers.merge({ "Origin" => origin, "Host" => host || "localhost", "X-Forwarded-Host" => forwarded,
                              "Content-Length" => body.bytesize }.compact)
    TCPSocket.open("127.0.0.1", @faye.port) do |socket|
      socket.write("#{line} HTTP/1.1\r\n#{headers.map { |name, value| "#{name}: #{value}\r\n" }.join}\r\n#{body}")
      socket.gets("\r\n\r\n")
    end
  end

  cases.each do |situation, (options, let_in, kept_out)|
    describe situation do
      before(:all) do
        env = { "PUSHABLE_SECRET" => Tokens::SECRET }.merge(options.fetch(:env, {}))
        @faye = FayeProcess.start(**options, env:)
      end
      after(:all) { @faye.stop }

      ways.each do |name, way|
        it "lets #{name} in, or keeps it out" do
          expect(let_in.reject { |from| answer(from, way)[9, 3] == way.last }).to eq([])
          expect(kept_out.reject { |from| answer(from, way)[9, 3] == "403" }).to eq([])
        end
      end

      next if kept_out.empty?

      it "allows no page to read its refusal, and says with verbose=true whom it refused" do
        refusal = answer(["https://evil.example"], ways["a POST"])

        expect(refusal).not_to match(/access-control/i)
        @faye.wait_for_output(/refused the origin \S*: it is not in allowed_origins/) if options[:verbose]
      end
    end
  end
end
