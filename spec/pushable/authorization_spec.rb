# frozen_string_literal: true

require "socket"
require "support/pushing"
require "support/recording_server"
require "support/ruby_process"

# By what a POST shows that it may publish, and that nobody else is shown it.
RSpec.describe "Authorization", :pushing, databases: [:sqlite] do
  let!(:server) { RecordingServer.start }

  after { server.stop }

  # printf 'pushable publish' | openssl dgst -sha256 -hmac s3cret
  key = "24a1ee457b66d985ab249cc94a9e21f79ed86435826a73ed82d5fc8a9fcf10f3"

  def shown = server.heads.map { |head| head[/^Authorization: (.*)\r\n/, 1] }

  def publish_with(delivery_method: :async, **settings)
    Pushable.configure do |config|
      config.server = server.url
      config.delivery_method = delivery_method
      settings.each { |name, value| config.public_send(:"#{name}=", value) }
    end
    expect(Pushable.publish("numbers", 1)).to be(true)
    expect(Pushable.flush(20)).to be(true)
  end

  it "is the publish key, made of the secret" do
    publish_with(secret: "s3cret")
    expect(shown).to eq(["Bearer #{key}"])
  end

  it "is the same for :inline" do
    publish_with(secret: "s3cret", delivery_method: :inline)
    expect(shown).to eq(["Bearer #{key}"])
  end

  it "is another one after another secret" do
    publish_with(secret: "s3cret")
    publish_with(secret: "other")
    publish_with(secret: nil)
    expect(shown.first).to eq("Bearer #{key}")
    expect(shown.uniq.size).to eq(3)
    expect(shown.last).to be_nil
  end

  it "is none without a secret" do
    publish_with
    expect(shown).to eq([nil])
  end

  it "is the URL's own where it has a user and a password" do
    publish_with(server: server.url("user:hu%20sh"))
    expect(shown).to eq(["Basic #{["user:hu sh"].pack("m0")}"])
  end

  describe "in Rails" do
    def rails_with(secret_key_base)
      application = Struct.new(:secret_key_base).new(secret_key_base)
      stub_const("Rails", Module.new { define_singleton_method(:application) { application } })
    end

    it "comes from secret_key_base when there is no secret" do
      rails_with("base")
      publish_with
      rails_with("base of another app")
      publish_with
      rails_with("base")
      publish_with(secret: "s3cret")
      expect(shown).to match([/\ABearer \h{64}\z/, /\ABearer \h{64}\z/, "Bearer #{key}"])
      expect(shown.uniq.size).to eq(3)
    end

    it "is none of these where the URL has a user and a password" do
      rails_with("base")
      publish_with(server: server.url("user:hush"))
      expect(shown).to match([/\ABasic /])
    end
  end

  describe "where things go wrong" do
    # All that Pushable says of itself, to anybody.
    let(:heard) { [] }
    let(:rails_errors) { [] }

    around do |example|
      ActiveSupport::Notifications.subscribed(->(*, payload) { heard << payload }, /\.pushable\z/) { example.run }
    end

    def said
      [heard, rails_errors, log, Pushable.stats, Pushable.config, Pushable::Courier.instance_variable_get(:@current)]
        .map(&:inspect).join("\n")
    end

    def collect_rails_errors
      errors = rails_errors
      reporter = Object.new
      reporter.define_singleton_method(:report) { |error, **details| errors << [error.full_message, details] }
      stub_const("Rails", Module.new { define_singleton_method(:error) { reporter } })
    end

    it "a URL's password is not in the error of an address that the extension cannot use" do
      odd = "http://user:hush@[v1.a]/faye" # an IP of the future to Ruby, none to libcurl
      Pushable.configure do |config|
        config.server = odd
        config.delivery_method = :async
      end
      expect { Pushable.publish("numbers", 1) }.to raise_error(ArgumentError, "server: not an http or https URL")
    end

    { "a secret" => { secret: "s3cret" }, "a URL's password" => { credentials: "user:hush" } }.each do |name, settings|
      %i[async inline].each do |method|
        it "#{name} is in no log, notification, error or counter, by #{method}" do
          collect_rails_errors
          gone = TCPServer.open("127.0.0.1", 0) { |socket| socket.addr[1] }
          Pushable.configure do |config|
            config.server = "http://#{settings[:credentials]&.+("@")}127.0.0.1:#{gone}/faye"
            config.secret = settings[:secret]
            config.delivery_method = method
            config.max_age = 0.1
          end
          Pushable.publish("numbers", 1)
          wait_until("it is told of") { heard.any? { |payload| %i[drop reject].include?(payload[:kind]) } }
          wait_until("Rails is told, too") { rails_errors.any? }
          expect(said).to include("127.0.0.1")
          expect(said).not_to match(/hush|s3cret|#{key}|Basic |Bearer |#{["user:hush"].pack("m0")}/)
        end
      end
    end
  end
end
