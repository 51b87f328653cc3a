# frozen_string_literal: true

require "support/bayeux"
require "support/certificates"
require "support/faye_process"
require "support/faye_subscriber"
require "support/tokens"
require "support/visiting_client"
require "tmpdir"

# Who is sent what is published, with auth.
RSpec.describe "rake faye:start with auth", :aggregate_failures do
  before(:all) do
    @faye = FayeProcess.start(auth: true, verbose: true,
                              env: { "PUSHABLE_SECRET" => Tokens::SECRET, "PUSHABLE_PREVIOUS_SECRETS" => "old,older" })
  end
  after(:all) { @faye.stop }

  let(:url) { @faye.url }
  let(:client) { VisitingClient.new(url) }
  let(:channel) { "/sync/room_#{rand(1 << 64)}" }
  let(:other) { "/sync/other_#{rand(1 << 64)}" }

  def refused(channel, why)
    { "id" => "s", "clientId" => client.id, "channel" => "/meta/subscribe", "subscription" => channel,
      "successful" => false, "error" => "403:#{[channel].flatten.last}:Forbidden (#{why})" }
  end

  it "lets in who shows the channel's token" do
    expect(client.subscribe(channel, token: Tokens.sign(channel))).to include("successful" => true)
    expect(client.sent_of(channel, other)).to eq([channel])
  end

  it "knows the token of the contract" do
    # printf 'pushable subscribe\n/sync/room\n4102444800' | openssl dgst -sha256 -hmac "$SECRET" -binary |
    #   basenc --base64url
    token = "v1.4102444800.rOWarmNfL-atWS9NSF10n_las3Vj6hDC6h2d6ZdxdcY"
    expect(client.subscribe("/sync/room", token:)).to include("successful" => true)
  end

  it "lets in who shows the token of a secret that is being replaced" do
    %w[old older].each do |secret|
      expect(client.subscribe(channel, token: Tokens.sign(channel, secret:))).to include("successful" => true)
    end
    expect(client.sent_of(channel)).to eq([channel])
  end

  it "lets everyone listen to the channel of everyone" do
    expect(client.subscribe("/sync/$all")).to include("successful" => true)
    expect(client.sent_of("/sync/$all")).to eq(["/sync/$all"])
  end

  it "refuses who shows none" do
    expect(client.subscribe(channel)).to eq(refused(channel, "no token"))
    [[], 5, "x"].each { |ext| expect(client.subscribe(channel, ext)).to include("successful" => false) }
    [{}, nil, { "pushable" => nil }, { "pushable" => [] }, { "pushable" => "x" },
     { "pushable" => { "token" => nil } }, { "pushable" => { "tokens" => {} } }, { "token" => Tokens.sign(channel) },
     { "pushable" => { "tokens" => [Tokens.sign(channel)] } }].each do |ext|
      expect(client.subscribe(channel, ext)).to eq(refused(channel, "no token"))
    end
    expect(client.sent_of(channel)).to eq([])
  end

  it "tells who shows none nothing of what was missed, and others all of it" do
    time = Process.clock_gettime(Process::CLOCK_REALTIME, :microsecond)
    Bayeux.call(url, { channel:, id: "1", data: { id: "1" } }, headers: Tokens.publisher)
    missed = ->(token) { client.subscribe(channel, { "pushable" => { "time" => time, "token" => token } }) }

    expect(missed.call(Tokens.sign(other))).to eq(refused(channel, "bad token"))
    expect(missed.call(Tokens.sign(channel)).dig("ext", "pushable", "missed")).to match([include("id" => "1")])
  end

  it "refuses who shows another channel's" do
    expect(client.subscribe(channel, token: Tokens.sign(other))).to eq(refused(channel, "bad token"))
    expect(client.sent_of(channel)).to eq([])
  end

  it "refuses who shows an expired one" do
    [Time.now.to_i, 1, 0].each do |expiry|
      expect(client.subscribe(channel, token: Tokens.sign(channel, expiry:))).to eq(refused(channel, "expired"))
    end
    expect(client.sent_of(channel)).to eq([])
  end

  it "refuses who shows a wrong one, of whatever form" do
    good = Tokens.sign(channel)
    later = good.sub(/\d{5}(?=\.)/, "99999")
    forged = [Tokens.sign(channel, secret: "another"), Tokens.sign(channel, secret: ""), later, later.sub("v1", "v2"),
              "#{good}=", "#{good}\n", " #{good}", good[0..-2], good.swapcase, good.sub("v1.", "v1.0"), "v1..",
              "v1.9999999999.#{"A" * 43}", Tokens.sign(channel, expiry: "-1"), Tokens.sign(channel, expiry: "1e12"),
              Tokens.sign(channel, expiry: "9" * 13), "x" * 100_000, "\0", 5, 1.5, true, [good], { "token" => good }]
    forged.each { |token| expect(client.subscribe(channel, token:)).to eq(refused(channel, "bad token")) }
    expect(client.sent_of(channel)).to eq([])
  end

  it "refuses a list where one is missing, wrong or nested, and lets in none of it" do
    tokens = { channel => Tokens.sign(channel) }
    [[channel, other], [[channel], [other]], [channel, [[other]]]].each do |list|
      [{ tokens: }, { token: tokens[channel] }, { tokens: tokens.merge(other => tokens[channel]) }].each do |shown|
        expect(client.subscribe(list, **shown)).to include("successful" => false)
      end
    end
    expect(client.subscribe([channel, other], tokens:)).to eq(refused([channel, other], "no token"))
    expect(client.sent_of(channel, other)).to eq([])
  end

  it "lets in who shows a token for each of a list" do
    tokens = [channel, other].to_h { |each| [each, Tokens.sign(each)] }
    expect(client.subscribe([channel, other, "/sync/$all"], tokens:)).to include("successful" => true)
    expect(client.sent_of(channel, other)).to eq([channel, other])
  end

  wildcards = ["/**", "/*", "/sync/*", "/sync/**"]

  it "refuses wildcards, also those that somebody signed" do
    wildcards.each do |wildcard|
      expect(client.subscribe(wildcard, token: Tokens.sign(wildcard))).to eq(refused(wildcard, "wildcard"))
      list = [channel, wildcard]
      expect(client.subscribe(list, tokens: list.to_h { |each| [each, Tokens.sign(each)] }))
        .to eq(refused(list, "wildcard"))
    end
    expect(client.sent_of(channel, other)).to eq([])
  end

  it "refuses every wildcard without auth, too, and asks for no token there" do
    open = FayeProcess.start
    client = VisitingClient.new(open.url)
    wildcards.each { |wildcard| expect(client.subscribe(wildcard)).to include("successful" => false) }
    expect(client.subscribe(channel)).to include("successful" => true)
    expect(client.sent_of(channel, other)).to eq([channel])
  ensure
    open&.stop
  end

  it "shows a token to nobody: not in its reply, not in a message, not in its log" do
    token = Tokens.sign(channel)
    replies = [client.subscribe(channel, token:), client.subscribe(other, token:),
               client.subscribe([channel, other], tokens: { channel => token })]
    client.publish(channel)
    replies << client.poll
    expect(replies.to_s).not_to include(token)
    @faye.wait_for_output(/refused/)
    expect(@faye.output).not_to include(token)
  end

  it "goes by the token, over TLS as well" do
    Dir.mktmpdir do |directory|
      key, cert = Certificates.pair(directory)
      faye = FayeProcess.start(key:, cert:, auth: true, env: { "PUSHABLE_SECRET" => Tokens::SECRET })
      client = VisitingClient.new(faye.url, ca_file: cert)
      expect(client.subscribe(channel, token: Tokens.sign(channel))).to include("successful" => true)
      expect(client.subscribe(other, token: Tokens.sign(channel))).to include("successful" => false)
      expect(client.sent_of(channel, other)).to eq([channel])
    ensure
      faye&.stop
    end
  end
end
