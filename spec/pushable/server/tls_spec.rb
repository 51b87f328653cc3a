# frozen_string_literal: true

require "support/bayeux"
require "support/certificates"
require "support/faye_process"
require "support/faye_subscriber"
require "tmpdir"

RSpec.describe "rake faye:start with key and cert" do
  around do |example|
    Dir.mktmpdir do |directory|
      @directory = directory
      example.run
    end
  end

  { "an RSA" => -> { Certificates.rsa },
    "an elliptic" => -> { OpenSSL::PKey::EC.generate("prime256v1") } }.each do |kind, make|
    it "takes an https publish and delivers it to a wss subscriber, with #{kind} key" do
      key, cert = Certificates.pair(@directory, make.call)
      faye = FayeProcess.start(key:, cert:)
      expect(faye.url).to start_with("https://")

      subscriber = FayeSubscriber.start(faye.url, "/sync/members", ca_file: cert)
      replies = Bayeux.publish(faye.url, "/sync/members", { "name" => "Ann" }, ca_file: cert)

      expect(replies.first["successful"]).to be(true)
      expect(subscriber.wait_for_messages(1).first["data"]).to include("name" => "Ann")
      expect(subscriber.transports).to eq(["websocket"])
    ensure
      subscriber&.stop
      faye&.stop
    end
  end

  it "refuses by https so that it can be read" do
    key, cert = Certificates.pair(@directory)
    faye = FayeProcess.start(key:, cert:)

    expect(Bayeux.post(faye.url, "null", ca_file: cert)).to have_attributes(code: "400", body: "Bad request")
  ensure
    faye&.stop
  end

  it "serves the intermediate certificates that follow in the file" do
    key = Certificates.rsa
    other = Certificates.certificate(Certificates.rsa)
    cert = Certificates.write(@directory, "chain.crt", Certificates.certificate(key).to_pem + other.to_pem)
    faye = FayeProcess.start(key: Certificates.write(@directory, "server.key", key.private_to_pem), cert:)

    expect(served_chain(faye.port).map(&:serial)).to include(other.serial)
  ensure
    faye&.stop
  end

  it "lives on when somebody speaks plain HTTP to it" do
    key, cert = Certificates.pair(@directory)
    faye = FayeProcess.start(key:, cert:)
    expect { Bayeux.publish(faye.url.sub("https", "http"), "/a", 1) }.to raise_error(StandardError)

    expect(Bayeux.publish(faye.url, "/a", 1, ca_file: cert).first["successful"]).to be(true)
  ensure
    faye&.stop
  end

  def served_chain(port)
    socket = OpenSSL::SSL::SSLSocket.new(TCPSocket.new("127.0.0.1", port))
    socket.connect
    socket.peer_cert_chain
  ensure
    socket&.close
  end
end
