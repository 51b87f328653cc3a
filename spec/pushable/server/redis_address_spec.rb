# frozen_string_literal: true

require "redis-client"
require "pushable/server"
require "support/certificates"
require "support/redis_server"
require "tmpdir"

# What redis= may be.
RSpec.describe Pushable::Server::RedisAddress do
  def config(url) = described_class.config(url)
  def answer(url) = RedisClient.new(config(url)).call("PING")

  ["host", "http://host", "redis://", "redis://h:x", "redis://h/db", "redis://a b", "unix://relative",
   "redis-sentinel://h:1", "redis-sentinel://?sentinelMasterId=m", "redis-sentinel://h:x?sentinelMasterId=m",
   "redis://h\n"].each do |url|
    it "is not #{url.inspect}" do
      expect { config(url) }.to raise_error(Pushable::Server::CannotStart, /\Aredis: must be redis:/)
    end
  end

  it "is never quoted: it may hold a password" do
    expect { config("redis://user:word@h:x") }
      .to raise_error(Pushable::Server::CannotStart) { |error| expect(error.message).not_to include("word") }
  end

  it "has user, password and database in it" do
    expect(config("rediss://ann:word@h:1/2"))
      .to have_attributes(host: "h", port: 1, db: 2, username: "ann", password: "word", ssl: true)
  end

  it "leads to Redis by TCP, by a socket, and by TLS with an authority of its own" do
    Dir.mktmpdir do |directory|
      File.chmod(0o755, directory)
      key, cert = Certificates.pair(directory)
      tls = TCPServer.open("127.0.0.1", 0) { |free| free.addr[1] }
      redis = RedisServer.new(tls_port: tls, tls_cert_file: cert, tls_key_file: key, tls_ca_cert_file: cert,
                              tls_auth_clients: "no")

      expect([redis.url, "unix://#{redis.socket}?db=1"].map { |url| answer(url) }).to eq(%w[PONG PONG])
      expect { answer("rediss://127.0.0.1:#{tls}") }.to raise_error(RedisClient::CannotConnectError, /certificate/)
      code = 'puts RedisClient.new(Pushable::Server::RedisAddress.config(ARGV[0])).call("PING")'
      command = [RbConfig.ruby, "-rbundler/setup", "-rredis-client", "-rpushable/server", "-e", code,
                 "rediss://127.0.0.1:#{tls}"]
      expect(IO.popen({ "SSL_CERT_FILE" => cert }, command, &:read)).to eq("PONG\n")
    ensure
      redis&.stop
    end
  end
end
