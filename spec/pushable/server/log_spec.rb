# frozen_string_literal: true

require "json"
require "net/http"
require "pushable/server"
require "stringio"
require "support/bayeux"
require "support/faye_process"
require "support/raw_websocket"
require "tempfile"

RSpec.describe "What rake faye:start says" do
  let(:secret) { "the secret itself" }
  let(:key) { Pushable::Keys.publish(secret) }
  let(:token) { "v1.4102444800.#{"Tok-en_0" * 5}aaa" }
  let(:env) { { "PUSHABLE_SECRET" => secret } }
  let(:headers) { { "Authorization" => "Bearer #{key}" } }

  def started(**options)
    faye = FayeProcess.start(env:, **options)
    yield faye
    faye.stop
    faye.output
  ensure
    faye&.kill
  end

  # Whatever a client can do, each with something secret in it.
  def tour(faye)
    client = Bayeux.handshake(faye.url)
    subscription = { channel: "/meta/subscribe", clientId: client, subscription: "/sync/seen" }
    Bayeux.call(faye.url, subscription.merge(ext: { pushable: { token: } }))
    Bayeux.publish(faye.url, "/sync/seen", { "word" => "payload" }, headers:)
    [key, token, "Bearer #{key}", { "token" => token }].each { |secret| spill(faye, client, secret) }
    requests_refused(faye)
    RawWebsocket.exchange(faye.url, { channel: "/meta/subscribe", subscription: "/#{token}" }, headers:)
  end

  def requests_refused(faye)
    Bayeux.post(faye.url, "{\"channel\":\"#{token}", headers:)
    Bayeux.post(faye.url, "{}", type: "text/#{token}", headers:)
    Bayeux.post("#{faye.url}/#{key}?token=#{token}", "[1]", headers: { "Authorization" => "Basic #{token}" })
    Net::HTTP.get(URI("http://127.0.0.1:#{faye.port}/#{token}"))
    Net::HTTP.get(URI("http://127.0.0.1:#{faye.port}/metrics"), { "X-Forwarded-For" => "a", **headers })
  end

  def spill(faye, client, secret)
    Bayeux.call(faye.url, %w[channel id clientId error data ext].map do |field|
      { "channel" => "/a", "data" => 1, field => secret }
    end, headers:)
    Bayeux.call(faye.url, { channel: "/meta/subscribe", clientId: client, subscription: "/#{secret}", ext: secret })
    Bayeux.call(faye.url, { channel: "/meta/subscribe", clientId: secret, subscription: secret })
  end

  it "is one line each with verbose=true: who subscribes, counts, refusals; no message, no secret" do
    output = started(verbose: true) do |faye|
      tour(faye)
      faye.wait_for_output(%r{^\d\d:\d\d:\d\d published \d+: .*/sync/seen \(1\).*; \d+ delivered$})
    end

    expect(output).to match(%r{^[\d:]+ subscribed to /sync/seen \(1 in all\)$})
      .and match(%r{^[\d:]+ refused /meta/subscribe: 401}).and match(/^[\d:]+ refused a text: not JSON$/)
      .and match(%r{^[\d:]+ POST /faye with content type text/\[hidden\] was answered 415$})
      .and match(/^[\d:]+ leaving: \d+ connections/)
    expect_no_secret(output)
    expect(output).not_to include("payload")
  end

  it "is messages, too, with verbose=debug, but no secret" do
    output = started(verbose: "debug") do |faye|
      tour(faye)
      faye.wait_for_output(%r{^[\d:]+ /sync/seen: \{"word":"payload",.*\}$})
    end

    expect_no_secret(output)
  end

  def expect_no_secret(output)
    [secret, key, token, token[14..]].each { |text| expect(output).not_to include(text) }
  end

  it "holds no secret when an exception quotes one" do
    fault = Tempfile.new(["fault", ".rb"])
    fault.write(<<~RUBY)
      require "pushable/server"
      Pushable::Server::Guard.prepend(Module.new do
        def incoming(message, *)
          message["channel"] == "/fault" ? raise("in \#{message.inspect}") : super
        end
      end)
    RUBY
    fault.close
    output = started(requires: [fault.path]) do |faye|
      message = { "channel" => "/fault", "data" => key, "ext" => { "pushable" => { "token" => token } } }
      expect { Bayeux.call(faye.url, message, timeout: 1) }.to raise_error(Net::ReadTimeout)
    end

    expect(output).to match(/error: RuntimeError: in .*"token"=>"\[hidden\]"/)
    expect_no_secret(output)
  end

  it "is no flood when it is sent a flood" do
    output = started(verbose: true) do |faye|
      Net::HTTP.start("127.0.0.1", faye.port) do |http|
        500.times { http.post("/faye", '[{"channel":"/x"}]', { "Content-Type" => "application/json" }) }
        500.times { http.post("/faye", "[1]", { "Content-Type" => "application/json" }) }
      end
      deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 20
      sleep 0.05 until told(faye.output) == [500] * 3 || Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
    end

    expect(told(output)).to eq([500] * 3)
    # Of three kinds five lines and a sum; the log's second may begin amid the clock's.
    output.lines.group_by { |line| line[0, 8] }.each_value { |second| expect(second.size).to be < 40 }
  end

  # How many of each kind the lines tell of, one by one or in sum.
  def told(output)
    { "refused" => %r{refused /x: }, "texts refused" => /refused a text: /, "requests refused" => /was answered 400/ }
      .map { |kind, line| output.scan(line).size + output.scan(/(\d+) more: #{kind}$/).flatten.sum(&:to_i) }
  end

  describe Pushable::Server::Throttle do
    it "lets five of a kind pass each second, and tells how many more there were" do
      now = 0.0
      throttle = described_class.new(-> { now })
      held = []
      admitted = [[:a, 0.1], *Array.new(9) { [:a, 0.9] }, [:b, 0.95], *Array.new(7) { [:a, 3.2] }].count do |what, time|
        now = time
        throttle.turn { |kind, count| held << [kind, count] }
        throttle.admit?(what)
      end
      now = 4.5
      throttle.turn { |kind, count| held << [kind, count] }

      expect(admitted).to eq(5 + 1 + 5)
      expect(held).to eq([[:a, 5], [:a, 2]])
    end
  end
end
