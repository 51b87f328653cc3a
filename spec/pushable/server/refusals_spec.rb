# frozen_string_literal: true

require "socket"
require "support/certificates"
require "support/faye_process"
require "tmpdir"

RSpec.describe "What rake faye:start refuses" do
  around do |example|
    Dir.mktmpdir do |directory|
      @directory = directory
      example.run
    end
  end

  def pair
    @pair ||= Certificates.pair(@directory)
  end

  def write(name, content)
    Certificates.write(@directory, name, content)
  end

  # One line that names the culprit, status 1, and it never listened.
  def expect_refusal(pattern, options, chdir: FayeProcess::ROOT, env: {})
    errors = File.join(@directory, "errors")
    process = FayeProcess.new({ port: 0 }.merge(options), chdir:, env:, spawn: { err: errors })
    expect(process.wait).to have_attributes(exitstatus: 1)
    expect(process.output).to eq("")
    expect(File.read(errors)).to match(/\Afaye:start: .*\n\z/).and match(pattern)
  end

  ["0.0.0.0", "::", "[::]", "192.168.0.1", "example.com", "127.0.0.1/8"].each do |host|
    it "host=#{host} without a secret" do
      expect_refusal(/host=#{Regexp.escape(host)}: a secret is needed .*set PUSHABLE_SECRET/, { host: })
    end
  end

  it("host=, whatever else there is") { expect_refusal(/host=: must be a text/, { host: "" }) }

  { "192.0.2.1" => "Cannot assign requested address", "name.invalid" => "not an address or name of this machine",
    "127.0.0.1/8" => "not an address or name of this machine" }.each do |host, why|
    it "host=#{host}, which is not this machine" do
      expect_refusal(/#{host} port 0: #{why}/, { host: }, env: { "PUSHABLE_SECRET" => "a secret" })
    end
  end

  %w[production staging].each do |environment|
    it "#{environment} without a secret" do
      expect_refusal(/a secret is needed in the environment #{environment}.*set PUSHABLE_SECRET/, {},
                     env: { "RAILS_ENV" => environment })
    end
  end

  ["http", "-1", "65536", "80a", "", "9292.5"].each do |port|
    it("port=#{port}") { expect_refusal(/port=#{port}: /, { port: }) }
  end

  it("auth=true without a secret") { expect_refusal(/auth: tokens are signed with a secret: set/, { auth: true }) }

  it "prot=80, a word misspelt" do
    expect_refusal(/prot=80: there is no option prot; did you mean port\?/, { prot: 80 })
  end

  it "secret=s, which all would read" do
    expect_refusal(/secret=: .* set PUSHABLE_SECRET$/, { secret: "s" })
  end

  it("verbose=maybe") { expect_refusal(/verbose=maybe/, { verbose: "maybe" }) }

  it "a taken port" do
    taken = TCPServer.new("127.0.0.1", 0)
    port = taken.addr[1]

    expect_refusal(/127\.0\.0\.1 port #{port}: Address already in use/, { port: })
  ensure
    taken.close
  end

  it("a key without a certificate") { expect_refusal(/add cert=FILE/, { key: pair.first }) }
  it("a certificate without its key") { expect_refusal(/add key=FILE/, { cert: pair.last }) }

  it "files that are not there" do
    expect_refusal(%r{key=/no/such\.key: .*No such file}, { key: "/no/such.key", cert: pair.last })
    expect_refusal(%r{cert=/no/such\.crt: .*No such file}, { key: pair.first, cert: "/no/such.crt" })
  end

  it "a directory for a file" do
    expect_refusal(/key=.*: .*Is a directory/, { key: @directory, cert: pair.last })
  end

  it "files that hold something else" do
    key, cert = pair
    expect_refusal(/key=.*no private key in PEM form/, { key: cert, cert: })
    expect_refusal(/cert=.*no certificate in PEM form/, { key:, cert: key })
    expect_refusal(/key=.*no private key in PEM form/, { key: write("empty", ""), cert: })
    expect_refusal(/key=.*no private key in PEM form/, { key: write("der", Certificates.rsa.to_der), cert: })
  end

  it "files cut short" do
    key, cert = pair
    expect_refusal(/key=.*not a private key/, { key: write("cut.key", File.read(key)[0, 300]), cert: })
    expect_refusal(/cert=.*not a certificate/, { key:, cert: write("cut.crt", File.read(cert)[0, 300]) })
  end

  it "a key that does not fit the certificate" do
    other = write("other.key", Certificates.rsa.private_to_pem)
    expect_refusal(/key=#{other} does not fit the certificate in cert=#{pair.last}/, { key: other, cert: pair.last })
  end

  it "a key with a passphrase" do
    cipher = OpenSSL::Cipher.new("aes-128-cbc")
    key = write("locked.key", OpenSSL::PKey.read(File.read(pair.first)).private_to_pem(cipher, "open"))
    expect_refusal(/key=.*passphrase/, { key:, cert: pair.last })
    key = write("locked.key", OpenSSL::PKey.read(File.read(pair.first)).to_pem(cipher, "open"))
    expect_refusal(/key=.*passphrase/, { key:, cert: pair.last })
  end

  it "a key too short for OpenSSL to serve" do
    key, cert = Certificates.pair(@directory, Certificates.rsa(1024))
    expect_refusal(/cert=.*key too small/, { key:, cert: })
  end

  it("redis=host") { expect_refusal(%r{redis: must be redis://HOST:PORT}, { redis: "host" }) }

  { "faye" => %w[thin], "thin" => %w[faye], "faye and thin" => [],
    "redis-client" => %w[faye thin] }.each do |missing, present|
    it "a bundle without #{missing}" do
      gemfile = write("Gemfile", [%(gem "pushable", path: #{FayeProcess::ROOT.dump}), 'gem "rake"',
                                  *present.map { |name| "gem #{name.dump}" }].join("\n"))
      write("Rakefile", 'require "pushable/tasks"')
      lines = missing.split(" and ").map { |name| /gem "#{name}", "~> \d\.\d+"/ }

      options = missing == "redis-client" ? { redis: "redis://127.0.0.1" } : {}
      expect_refusal(/add to the Gemfile: #{lines.join(" and ")}$/, options,
                     chdir: @directory, env: { "BUNDLE_GEMFILE" => gemfile })
    end
  end
end
