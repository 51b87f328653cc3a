# frozen_string_literal: true

require "json"
require "support/ruby_process"
require "support/tokens"

# POST /pushable/tokens and pushable_meta_tags, in a Rails app of their own.
RSpec.describe "Tokens from a Rails app" do
  # @return [Object] what the steps gave, out of JSON
  def in_app(steps, rails_env: "production", **env)
    env = { "RAILS_ENV" => rails_env, "SECRET" => Tokens::SECRET, "STEPS" => steps, **env.transform_keys(&:to_s) }
    result = RubyProcess.run('require "./spec/support/tokens_app"', env:)
    raise result.output unless result.status.success?

    JSON.parse(result.output.lines.last)
  end

  def expect_token(answer, channel)
    expect(answer).to eq("token" => Tokens.sign(channel, expiry: answer["token"].split(".")[1]), "expires_in" => 3600)
    expect(answer["token"].split(".")[1].to_i).to be_within(60).of(Time.now.to_i + 3600)
  end

  describe "where the app says who may" do
    authorize = <<~RUBY
      lambda do |channel, request|
        raise "authorize failed" if channel == "broken"
        raise ArgumentError, "a secret of the app" if channel == "wrong"
        request.session[:user] == "ann" && ["family_1", "é.b"].include?(channel)
      end
    RUBY

    before(:all) do
      @answers = in_app(<<~'RUBY', AUTHORIZE: authorize)
        reports = []
        ActiveSupport::Notifications.subscribe("reject.pushable") { |*, payload| reports << payload[:rule] }
        {
          mixed: ask({ channels: ["family_1", "family_2", "é.b", "broken", "wrong", "", "a//b"] }),
          cache: BROWSER.response.headers["Cache-Control"],
          stranger: (csrf; ask({ channels: ["family_1"] }, { "X-CSRF-Token" => page[/csrf-token" content="([^"]+)"/, 1] })),
          none: ask({ channels: [] }), hundred: ask({ channels: (1..100).map(&:to_s) })[1]["channels"].size,
          many: ask({ channels: (1..101).map(&:to_s) }),
          shapes: [{}, { channels: nil }, { channels: "a" }, { channels: { a: 1 } }, { channels: [1] },
                   { channels: [["a"]] }, { channels: [{ a: 1 }] }, []].map { |body| ask(body).first },
          texts: ["", "{", "[", "null", "\xff", "{\"channels\":[\"\xff\"]}"].map { |body| ask(body).first },
          large: [ask({ channels: ["x" * 70_000] }), ask("[" * 70_000)].map(&:first),
          lengthless: ask({ channels: [] }, env: { "CONTENT_LENGTH" => nil }).first,
          csrf: [ask({ channels: ["family_1"] }, {}), ask({ channels: ["family_1"] }, { "X-CSRF-Token" => "x" }),
                 ask("channels[]=family_1", {}, type: "application/x-www-form-urlencoded"),
                 ask('{"channels":["family_1"]}', {}, type: "text/plain")].map(&:first),
          methods: %i[get put delete].map { |verb| BROWSER.public_send(verb, "/pushable/tokens"); BROWSER.response.body[/token":/] },
          reports: reports, log: LOG.string.scrub
        }
      RUBY
    end

    it "gives tokens of the channels that the session's user may listen to, and refuses each other one" do
      status, body = @answers["mixed"]
      expect(status).to eq(200)
      channels = body["channels"]
      expect_token(channels.delete("family_1"), "/sync/family_1")
      expect_token(channels.delete("é.b"), "/sync/$c3$a9$2eb")
      expect(channels.slice("family_2", "broken", "wrong").values.uniq).to eq([{ "error" => "forbidden" }])
      expect(channels.slice("", "a//b").values.map(&:keys).uniq).to eq([["error"]])
      expect(channels.size).to eq(5)
      expect(@answers["cache"]).to include("no-store")
    end

    it "reports what raises when it is asked, and tells the browser nothing of it" do
      expect(@answers["reports"]).to eq(["authorize broken", "authorize wrong"])
      expect(@answers["mixed"].to_s).not_to include("a secret of the app")
    end

    it "refuses another user what it gives to one" do
      expect(@answers["stranger"]).to eq([200, { "channels" => { "family_1" => { "error" => "forbidden" } } }])
    end

    it "takes a hundred channels at once, and no more" do
      expect(@answers["none"]).to eq([200, { "channels" => {} }])
      expect(@answers["hundred"]).to eq(100)
      expect(@answers["many"]).to eq([400, { "error" => "at most 100 channels at once" }])
    end

    it "answers 400 to anything else" do
      expect(@answers["shapes"]).to all(eq(400))
      expect(@answers["texts"]).to all(eq(400))
    end

    it "does not read what is large, or of no length" do
      expect(@answers["large"]).to all(eq(413))
      expect(@answers["lengthless"]).to eq(411)
    end

    it "answers nobody without the session's CSRF token" do
      expect(@answers["csrf"]).to all(eq(422))
    end

    it "answers to POST alone" do
      expect(@answers["methods"]).to eq([nil] * 3)
    end

    it "writes no token to the log" do
      expect(@answers["log"]).to include("Pushable::TokensController").and include("family_1")
      expect(@answers["log"]).not_to match(/v1\.\d+\./)
    end
  end

  describe "where it does not" do
    before(:all) do
      @answers = in_app(<<~'RUBY')
        first = ask({ channels: ["a"] })
        second = ask({ channels: ["b", "c"] })
        lines = LOG.string.scan(/config\.authorize = .*/)
        page = page(channels: ["family_1", "a\"<b>"])
        BROWSER.get("/page", env: { "SCRIPT_NAME" => "/app" })
        mounted = BROWSER.response.body
        Rails.env = "development"
        { first: first, second: second, lines: lines, page: page, mounted: mounted, development: ask({ channels: ["a"] }),
          protected: (use(server: "http://user:hush@127.0.0.1:9292/faye", secret: nil); page()),
          named: (use(public_url: "/faye"); page()) }
      RUBY
    end

    it "gives nobody a token in production, and says once what to write" do
      expect(@answers["first"]).to eq([200, { "channels" => { "a" => { "error" => "forbidden" } } }])
      expect(@answers["second"].last["channels"].values.uniq).to eq([{ "error" => "forbidden" }])
      expect(@answers["lines"]).to eq(["config.authorize = ->(channel, request) { … }"])
    end

    it "gives everybody every token in development" do
      expect_token(@answers["development"].last["channels"]["a"], "/sync/a")
    end

    # The meta tags' content by name; of tokens, by data-channel.
    def tags(page)
      @answers[page].scan(/<meta ([^>]*)>/).flatten.to_h do |text|
        attributes = text.scan(/([\w-]+)="([^"]*)"/).to_h
        [attributes["data-channel"] || attributes["name"], attributes["content"]]
      end
    end

    it "says in meta tags where the server and the tokens are, and when the page was made" do
      expect(tags("page")).to include("pushable-url" => "http://localhost:9292/faye",
                                      "pushable-tokens-url" => "/pushable/tokens")
      expect(tags("page")["pushable-time"].to_i).to be_within(60_000_000).of((Time.now.to_i - 2) * 1_000_000)
      expect(tags("mounted")).to include("pushable-tokens-url" => "/app/pushable/tokens")
    end

    it "shows in meta tags the tokens of the channels that the view names" do
      { "family_1" => "/sync/family_1", "a&quot;&lt;b&gt;" => "/sync/a$22$3cb$3e" }.each do |name, channel|
        expiry = tags("page")[name].split(".")[1].to_i
        expect(tags("page")[name]).to eq(Tokens.sign(channel, expiry:))
        expect(expiry).to be_within(60).of(Time.now.to_i + 86_400)
      end
    end

    it "shows nobody the password of the server's URL, and in its stead the address that the app names" do
      expect(@answers["protected"]).not_to include("hush")
      expect(tags("protected")).to include("pushable-url" => "http://127.0.0.1:9292/faye")
      expect(tags("named")).to include("pushable-url" => "/faye")
    end
  end

  it "gives tokens in an app without sessions, which says by the request who may" do
    allowed, refused = in_app(<<~RUBY, API: "1", AUTHORIZE: '->(_, request) { request.authorization == "Bearer ann" }')
      [ask({ channels: ["a"] }, { "Authorization" => "Bearer ann" }), ask({ channels: ["a"] }, {})]
    RUBY
    expect_token(allowed.last["channels"]["a"], "/sync/a")
    expect(refused).to eq([200, { "channels" => { "a" => { "error" => "forbidden" } } }])
  end
end
