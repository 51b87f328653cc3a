# frozen_string_literal: true

require "pushable/keys"
require "support/bayeux"
require "support/faye_process"
require "support/fuzz/http"
require "support/raw_websocket"

RSpec.describe "How much rake faye:start takes" do
  before(:all) { @faye = FayeProcess.start(env: { "PUSHABLE_SECRET" => "a secret" }) }
  after(:all) { @faye.stop }

  let(:url) { @faye.url }
  let(:key) { { "Authorization" => "Bearer #{Pushable::Keys.publish("a secret")}" } }
  let(:http) { Fuzz::Http.new(url) }

  after { http.close }

  # A publish of so many bytes.
  def body(size)
    start = '[{"channel":"/a","data":"'
    "#{start}#{"x" * (size - start.bytesize - 3)}\"}]"
  end

  it "is two MiB of who shows the key" do
    expect(Bayeux.post(url, body(2 * 1024 * 1024), headers: key).code).to eq("200")
    expect(Bayeux.post(url, body((2 * 1024 * 1024) + 1), headers: key).code).to eq("413")
  end

  it "is 128 KiB of anybody else, and by a form" do
    expect(Bayeux.post(url, body(128 * 1024)).code).to eq("200")
    expect(Bayeux.post(url, body((128 * 1024) + 1)).code).to eq("413")
    type = "application/x-www-form-urlencoded"
    expect(Bayeux.post(url, "message=#{body(128 * 1024)}", type:, headers: key).code).to eq("413")
  end

  # Thin keeps what has come on the disk, as much as is announced.
  it "is refused before it comes, and nothing of it kept" do
    headers = { "Content-Type" => "application/json", "Content-Length" => 1 << 40, **key }

    expect(http.exchange(http.request("POST /faye", headers, "x" * 1000))).to eq(:"413")
    expect(Dir.glob("/proc/#{@faye.pid}/fd/*").map { |file| File.readlink(file) }.grep(/thin-body/)).to be_empty
  end

  it "is a thousand messages at once" do
    messages = Array.new(1000) { { "channel" => "/a", "data" => 1 } }

    expect(Bayeux.call(url, messages, headers: key).map { |reply| reply["successful"] }).to eq([true] * 1000)
    expect(Bayeux.post(url, [*messages, {}], headers: key).code).to eq("400")
  end

  it "is names of bounded length" do
    refused = { "channel" => "/#{"a" * 1024}", "id" => "a" * 129, "clientId" => "a" * 129 }.map do |name, value|
      Bayeux.call(url, { "channel" => "/a", "data" => 1, name => value }, headers: key).first["error"]
    end

    expect(refused).to eq(["405::Invalid channel", "400:id:Bad request", "400:clientId:Bad request"])
    accepted = { "channel" => "/#{"a" * 1023}", "id" => "a" * 128, "clientId" => "a" * 128, "data" => 1 }
    expect(Bayeux.call(url, accepted, headers: key).first["successful"]).to be(true)
  end

  it "is 5,000 subscriptions of a client" do
    client = Bayeux.handshake(url)
    subscribe = lambda do |names|
      message = { "channel" => "/meta/subscribe", "clientId" => client, "subscription" => names }
      Bayeux.call(url, message).first["error"]
    end
    5.times { |n| expect(subscribe.call(Array.new(1000) { |m| "/#{n}/#{m}" })).to be_nil }

    expect(subscribe.call(["/more"])).to eq("403::More than 5000 subscriptions")
    Bayeux.call(url, { "channel" => "/meta/unsubscribe", "clientId" => client, "subscription" => "/1/1" })
    expect(subscribe.call(["/more"])).to be_nil
  end

  {
    "a frame that announces more" => [["", { length: (128 * 1024) + 1 }]],
    "a frame without end" => [["", { length: 1 << 62 }]],
    "fragments of more" => [["x", { final: false }], ["x" * 128 * 1024, { opcode: RawWebsocket::CONTINUATION }]]
  }.each do |kind, frames|
    it "is 128 KiB by websocket: #{kind} ends it" do
      socket = RawWebsocket.new(url)
      frames.each { |payload, how| socket.write(payload, **how) }

      expect(socket.read).to be_nil
      expect(socket.closed_with).to eq(1009)
    ensure
      socket&.close
    end
  end

  it "is 128 KiB by websocket: a text of that length is answered" do
    socket = RawWebsocket.new(url, headers: key)
    socket.write(body(128 * 1024))

    expect(socket.read).to include('"successful":true')
  ensure
    socket&.close
  end

  # So that nobody has it remember what he asks for.
  ["/faye/x.js", "/faye/faye-browser.js", "/fayex", "/", "/faye/a/b.map"].each do |path|
    it("is not #{path}") { expect(http.exchange(http.request("GET #{path}", {}))).to eq(:"404") }
  end

  { ["PUT /faye", {}] => :"405", ["POST /faye", { "Host" => "" }] => :"400",
    ["POST /faye", { "Content-Type" => "multipart/form-data; boundary=x" }] => :"415",
    ["POST /faye", { "Transfer-Encoding" => "chunked" }] => :"400",
    ["GET /faye?message=[]&jsonp=a%0Ab", {}] => :"400", ["GET /faye?message=[]&jsonp[]=a", {}] => :"400",
    ["GET /faye?message=[]&jsonp=#{"a" * 129}", {}] => :"400", ["GET /faye?message=%", {}] => :"400",
    ["GET /faye?message=[]&jsonp=a.b", {}] => :"200",
    ["GET /faye.js", { "If-Modified-Since" => "never" }] => :"200",
    ["GET /faye/a.b", { "Accept" => "text/event-stream" }] => :"400" }.each do |(line, headers), status|
    it("answers #{status} to #{line[0, 40]} #{headers}") do
      expect(http.exchange(http.request(line, headers))).to eq(status)
    end
  end
end
