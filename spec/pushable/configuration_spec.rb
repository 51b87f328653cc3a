# frozen_string_literal: true

require "pp"
require "support/certificates"
require "support/pushing"
require "tmpdir"

RSpec.describe "Configuring", :pushing, databases: [:sqlite] do
  def refusal(&block)
    Pushable.configure(&block)
    nil
  rescue ArgumentError => e
    e.message
  end

  {
    server: ["localhost:9292", "ftp://localhost/faye", "http://", "", nil, 5, "http://a b/", "//localhost/faye",
             "http://localhost:65536/", "http://localhost:0/"],
    delivery_method: [:later, "", nil, 5],
    open_timeout: [0, -1, "2", nil], timeout: [0], exit_timeout: [-1], max_age: [nil],
    queue_bytes: [0, 1.5, "8"], queue_messages: [-1], max_message_bytes: [nil],
    secret_columns: ["password", [:a]], authorize: [:allowed?, true, "a"],
    public_url: ["", "faye", "localhost:9292/faye", "ftp://localhost/faye", "http://localhost", "/fa ye", 5],
    ca_file: ["no/such.pem", "spec", "README.md", "", 5]
  }.each do |name, values|
    values.each do |value|
      it "refuses #{name} = #{value.inspect} in one line that names both" do
        message = refusal { |config| config.public_send(:"#{name}=", value) }
        expect(message).to include(name.to_s, value.inspect)
        expect(message.lines.size).to eq(1)
      end
    end
  end

  it "takes http and https, Strings for Symbols, and seconds as any number" do
    expect(refusal do |config|
      config.server = "https://push.example.org:8443/faye"
      config.delivery_method = "test"
      config.timeout = 0.5r
      config.secret_columns = nil
    end).to be_nil
    expect(Pushable.config).to have_attributes(server: "https://push.example.org:8443/faye", delivery_method: :test)
  end

  it "reads server and delivery method from the environment" do
    environment = { "PUSHABLE_SERVER" => "http://127.0.0.1:1/faye", "PUSHABLE_DELIVERY_METHOD" => "inline" }
    expect(Pushable::Configuration.new(environment))
      .to have_attributes(server: "http://127.0.0.1:1/faye", delivery_method: :inline)
    expect(Pushable::Configuration.new({}))
      .to have_attributes(server: "http://localhost:9292/faye", delivery_method: :async)
  end

  it "reads every option that is a text or a number from the environment" do
    environment = { "PUSHABLE_TIMEOUT" => "0.5", "PUSHABLE_QUEUE_MESSAGES" => "7", "PUSHABLE_VERIFY" => "false",
                    "PUSHABLE_SERVER_PORT" => "none of ours" }
    expect(Pushable::Configuration.new(environment)).to have_attributes(timeout: 0.5, queue_messages: 7, verify: false)
    { "PUSHABLE_TIMEOUT" => "soon", "PUSHABLE_QUEUE_BYTES" => "8 MiB" }.each do |name, value|
      expect { Pushable::Configuration.new({ name => value }) }
        .to raise_error(ArgumentError, /#{name.downcase.delete_prefix("pushable_")} is .* got "#{value}"/)
    end
  end

  it "lets the environment win over config/pushable.yml" do
    file = { "secret" => "file", "timeout" => 3, "previous_secrets" => %w[old], "faye" => { "port" => 1 } }
    expect(Pushable::Configuration.new({ "PUSHABLE_SECRET" => "environment" }, file))
      .to have_attributes(secret: "environment", timeout: 3, previous_secrets: %w[old])
  end

  it "names what config/pushable.yml has and nobody knows" do
    expect { Pushable::Configuration.new({}, { "secrt" => "s" }) }
      .to raise_error(ArgumentError, "pushable: config/pushable.yml: there is no option secrt; did you mean secret?")
    expect { Pushable::Configuration.new({}, { "secret" => 5 }) }.to raise_error(ArgumentError, /secret is a String/)
  end

  # In a process of its own: the file is read when the gem is loaded.
  {
    "development: { secret: <%= 'of ' * 2 %>file, faye: { port: 1 } }" => /\Aof of file\Z/,
    "test: { secret: other }" => /\A\Z/,
    "development: { secrt: s }" => /there is no option secrt; did you mean secret\? \(ArgumentError\)/,
    "development: [" => /pushable: config.pushable.yml: cannot be read .*\(ArgumentError\)/m
  }.each do |text, output|
    it "reads #{text} of config/pushable.yml" do
      Dir.mktmpdir do |directory|
        Dir.mkdir("#{directory}/config")
        File.write("#{directory}/config/pushable.yml", text)
        code = "Dir.chdir(#{directory.dump}); require 'pushable'; puts Pushable.config.secret"
        expect(RubyProcess.run(code).output).to match(output)
      end
    end
  end

  it "warns when certificates are not to be checked" do
    Pushable.configure { |config| config.verify = false }
    expect(log).to match(/WARN.*verify is off/)
  end

  it "takes other secret columns from then on, for classes that have pushed before" do
    Account.create!(email: "a@example.org", password_digest: "d")
    Pushable.configure { |config| config.secret_columns = /email/ }
    object = pushes { Account.create!(email: "b@example.org", password_digest: "d") }.first["data"]["object"]
    expect(object.keys).to contain_exactly("id", "password_digest")
  end

  it "reads a secret from the environment" do
    expect(Pushable::Configuration.new({ "PUSHABLE_SECRET" => "s3cret" }).secret).to eq("s3cret")
    expect(Pushable::Configuration.new({}).secret).to be_nil
  end

  it "takes somebody to ask, and an address for browsers: a URL or a path" do
    asked = ->(channel, request) {}
    ["https://push.example.org/faye", "/faye", "/", "http://[::1]:9292/faye"].each do |address|
      expect(refusal do |config|
        config.public_url = address
        config.authorize = asked
      end).to be_nil
      expect(Pushable.config).to have_attributes(public_url: address, authorize: asked)
    end
  end

  it "gives browsers the server's own address, unless told otherwise" do
    expect(Pushable.config.public_url).to eq("http://localhost:9292/faye")
    Pushable.configure { |config| config.server = "https://user:hu%40sh@push.example.org:8443/faye" }
    expect(Pushable.config.public_url).to eq("https://push.example.org:8443/faye")
    expect(Pushable::Configuration.new({ "PUSHABLE_PUBLIC_URL" => "/faye" }).public_url).to eq("/faye")
  end

  it "reads previous secrets from the environment" do
    expect(Pushable::Configuration.new({ "PUSHABLE_PREVIOUS_SECRETS" => "old, older" }).previous_secrets)
      .to eq(%w[old older])
    expect(Pushable::Configuration.new({}).previous_secrets).to eq([])
  end

  it "takes a file of certificates, as a String or a Pathname" do
    Dir.mktmpdir do |directory|
      path = Certificates.pair(directory).last
      expect(refusal { |config| config.ca_file = Pathname(path) }).to be_nil
      expect(Pushable.config.ca_file).to eq(path)
    end
  end

  describe "what is nobody's business" do
    { secret: "se\nret", public_url: "/a\nb", ca_file: "a\0b",
      server: "http://user:hush@localhost/\r\nX: y" }.each do |name, value|
      it "refuses a line break or a NUL in #{name}, and does not repeat it" do
        message = refusal { |config| config.public_send(:"#{name}=", value) }
        expect(message).to eq("pushable: #{name} holds a line break or a NUL")
      end
    end

    ["", :hush, 5].each do |value|
      it "refuses secret = #{value.inspect}" do
        message = refusal { |config| config.secret = value }
        expect(message).to eq("pushable: secret is a String that is not empty, or nil")
      end
    end

    [nil, "old", [""], [:old], [nil]].each do |value|
      it "refuses previous_secrets = #{value.inspect}" do
        message = refusal { |config| config.previous_secrets = value }
        expect(message).to eq("pushable: previous_secrets is an Array of Strings that are not empty")
      end
    end

    it "refuses a public_url with a password, without a word of it" do
      message = refusal { |config| config.public_url = "https://user:hush@push.example.org/faye" }
      expect(message).to match(/public_url .*\[hidden\]@/)
      expect(message).not_to include("hush")
    end

    ["http://user:hush@", "ftp://user:hush@localhost/", "user:hush@localhost", "http://user:hu/sh@localhost/",
     "http://user:hu@sh@localhost:1/", "http://user:hush@localhost:70000/"].each do |url|
      it "refuses server = #{url.inspect} without a word of its password" do
        message = refusal { |config| config.server = url }
        expect(message).to match(/server is an http.*\[hidden\]@/)
        expect(message).not_to match(/user|hu/)
      end
    end

    it "is not shown by inspect, nor by the error of a setting there is not" do
      Pushable.configure { |config| config.server = "https://user:hush@push.example.org/faye" }
      other = Pushable.config.dup.tap do |config|
        config.secret = "s3cret"
        config.previous_secrets = %w[s3cret2]
      end
      expect(Pushable.config.inspect).to include('server="https://[hidden]@push.example.org/faye"', "timeout=10")
      expect(other.inspect).to include('secret="[hidden]"')
      expect { other.no_such_setting = 1 }.to raise_error(NoMethodError) do |error|
        expect(error.full_message + other.pretty_inspect).not_to match(/hush|s3cret/)
      end
    end

    it "is not in the warning of verify" do
      Pushable.configure do |config|
        config.server = "https://user:hush@push.example.org/faye"
        config.verify = false
      end
      expect(log).to include("https://[hidden]@push.example.org/faye can read")
    end

    it "cannot be shown twice: a password in the URL and a secret" do
      expect(refusal do |config|
        config.server = "https://user:hush@push.example.org/faye"
        config.secret = "s3cret"
      end).to match(/\Apushable: server has a user or password in it, and secret is set/)
      expect(Pushable.config.secret).to be_nil
    end
  end
end
