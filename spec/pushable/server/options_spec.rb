# frozen_string_literal: true

require "pushable/server"

RSpec.describe Pushable::Server::Options do
  it "has defaults for a developer's machine" do
    expect(described_class.from_env({}))
      .to have_attributes(host: "127.0.0.1", port: 9292, key: nil, cert: nil, verbose: false)
  end

  it "takes what the task was given" do
    given = { "host" => "[::1]", "port" => "80", "key" => "a.key", "cert" => "a.crt", "verbose" => "true" }

    expect(described_class.from_env(given))
      .to have_attributes(host: "::1", port: 80, key: "a.key", cert: "a.crt", verbose: true)
  end
end
