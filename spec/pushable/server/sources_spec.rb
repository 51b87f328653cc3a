# frozen_string_literal: true

require "fileutils"
require "pushable/server"
require "tmpdir"

RSpec.describe Pushable::Server::Sources do
  around do |example|
    Dir.mktmpdir do |directory|
      @directory = directory
      example.run
    end
  end

  def options(env = {}, file: nil)
    FileUtils.mkdir_p(File.join(@directory, "config"))
    File.write(File.join(@directory, "config/pushable.yml"), file) if file
    described_class.options(env, directory: @directory)
  end

  it "has defaults for a developer's machine" do
    expect(options)
      .to have_attributes(environment: "development", host: "127.0.0.1", port: 9292, key: nil, cert: nil,
                          verbose: false, secret: nil, secrets: [], auth: false, allowed_origins: nil, redis: nil,
                          replay_messages: 100, replay_seconds: 60, replay_bytes: 67_108_864,
                          max_connections: 65_536, send_buffer: 4_194_304, ping: 15,
                          request_timeout: 30, drain: 2)
  end

  it "takes what the task was given" do
    given = { "host" => "[::1]", "port" => "80", "key" => "a.key", "cert" => "a.crt", "verbose" => "debug" }

    expect(options(given)).to have_attributes(host: "::1", port: 80, key: "a.key", cert: "a.crt", verbose: :debug)
  end

  it "asks for tokens in production, unless told otherwise" do
    %w[production staging].each do |name|
      closed = { "RAILS_ENV" => name, "PUSHABLE_SECRET" => "s" }
      expect(options(closed)).to have_attributes(auth: true)
      expect(options(closed.merge("FAYE_AUTH" => "false"))).to have_attributes(auth: false)
    end
    %w[development test].each { |name| expect(options({ "RAILS_ENV" => name })).to have_attributes(auth: false) }
  end

  it "reads config/pushable.yml, its section of the environment" do
    file = <<~YAML
      development: &all
        server: http://localhost:9292/faye
        secret: <%= "s" * 3 %>
        previous_secrets: [old, older]
        faye:
          port: 8000
          verbose: true
          allowed_origins: [https://a.example, https://b.example]
      staging:
        <<: *all
        secret: other
    YAML

    expect(options(file:)).to have_attributes(port: 8000, secret: "sss", secrets: %w[sss old older], verbose: true,
                                              allowed_origins: %w[https://a.example https://b.example])
    expect(options({ "RAILS_ENV" => "staging" })).to have_attributes(secrets: %w[other old older], port: 8000)
    expect(options({ "RACK_ENV" => "test" })).to have_attributes(secret: nil, port: 9292)
  end

  it "lets the task's word win over the environment, and that over the file" do
    file = "development: {secret: file, faye: {port: 1, drain: 1, replay_messages: 1}}"
    given = { "port" => "3", "FAYE_PORT" => "2", "FAYE_DRAIN" => "2.5", "PUSHABLE_SECRET" => "environment" }

    expect(options(given, file:)).to have_attributes(port: 3, drain: 2.5, replay_messages: 1, secret: "environment")
  end

  it "asks the application for its secret where there is no other" do
    application = Struct.new(:secret, :previous_secrets)
    found = described_class.options({}, directory: @directory) { application.new("s", ["old"]) }
    expect(found.secrets).to eq(%w[s old])
    found = described_class.options({ "PUSHABLE_PREVIOUS_SECRETS" => "older" }, directory: @directory) do
      application.new("s", [])
    end
    expect(found.secrets).to eq(%w[s older])
    expect { |asked| described_class.options({ "PUSHABLE_SECRET" => "s" }, directory: @directory, &asked) }
      .not_to yield_control
  end

  it "takes no secret of the task's words, which everybody on the machine can read" do
    expect(options({ "secret" => "s", "FAYE_SECRET" => "s" })).to have_attributes(secret: nil)
  end

  {
    { "port" => "x" } => /\Aport=x: must be a number/,
    { "FAYE_VERBOSE" => "maybe" } => /\AFAYE_VERBOSE=maybe: must be true, false or debug/,
    { "replay_messages" => "-1" } => /\Areplay_messages=-1: must be a whole number/,
    { "drain" => "NaN" } => /\Adrain=NaN: must be a number of seconds/,
    { "allowed_origins" => "a,,b" } => /\Aallowed_origins=a,,b: must be a list/,
    { "allowed_origins" => "app.example.com" } => /\Aallowed_origins=app.example.com: must be a list of origins/,
    { "allowed_origins" => "https://*.example.com" } => /must be a list of origins/,
    { "allowed_origins" => "https://example.com/app" } => /must be a list of origins/,
    { "PUSHABLE_SECRET" => "" } => /\APUSHABLE_SECRET: must be a text/
  }.each do |given, error|
    it "refuses #{given}" do
      expect { options(given) }.to raise_error(Pushable::Server::CannotStart, error)
    end
  end

  {
    "development: {faye: {prot: 1}}" => /no option prot; did you mean port\?/,
    "development: {faye: {port: [1]}}" => /config.pushable.yml, development, faye, port: must be a number/,
    "development: {faye: 5}" => /development, faye: must hold names and values/,
    "- 5" => /config.pushable.yml: must hold names and values/,
    "development: {" => /config.pushable.yml: cannot be read/,
    "development: {secret: [x]}" => /config.pushable.yml, development, secret: must be a text/
  }.each do |file, error|
    it "refuses a file with #{file}" do
      expect { options(file:) }.to raise_error(Pushable::Server::CannotStart, error)
    end
  end
end
