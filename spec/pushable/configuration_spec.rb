# frozen_string_literal: true

require "support/pushing"

RSpec.describe "Configuring", :pushing, databases: [:sqlite] do
  def refusal(&block)
    Pushable.configure(&block)
    nil
  rescue ArgumentError => e
    e.message
  end

  {
    server: ["localhost:9292", "ftp://localhost/faye", "http://", "", nil, 5, "http://a b/", "//localhost/faye"],
    delivery_method: [:later, "", nil, 5],
    open_timeout: [0, -1, "2", nil], timeout: [0], exit_timeout: [-1], max_age: [nil],
    queue_bytes: [0, 1.5, "8"], queue_messages: [-1], max_message_bytes: [nil],
    secret_columns: ["password", [:a]]
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
end
