# frozen_string_literal: true

require "socket"
require "support/bayeux"
require "support/faye_process"
require "support/faye_subscriber"

# Thin's own graceful stop would wait for the websockets for ever.
RSpec.describe "Stopping rake faye:start" do
  %w[TERM INT].each do |signal|
    it "leaves on #{signal} with an open websocket, and tells its clients" do
      faye = FayeProcess.start
      subscriber = FayeSubscriber.start(faye.url, "/sync/members")
      expect(subscriber.transports).to eq(["websocket"])

      expect(faye.stop(signal)).to have_attributes(exitstatus: 0)
      subscriber.wait_until_down
    ensure
      subscriber&.stop
    end

    it "leaves on #{signal} with a long-poll, and answers it" do
      faye = FayeProcess.start
      poll = open_long_poll(faye, Bayeux.handshake(faye.url))
      Bayeux.publish(faye.url, "/a", 1) # what came earlier is in the server's hands once this is answered

      expect(faye.stop(signal)).to have_attributes(exitstatus: 0)
      expect(poll.read).to include('"channel":"/meta/connect","successful":true')
    ensure
      poll&.close
    end
  end

  it "can be started again at once on the same port" do
    faye = FayeProcess.start
    subscriber = FayeSubscriber.start(faye.url, "/sync/members")
    faye.stop
    again = FayeProcess.start(port: faye.port)

    expect(Bayeux.publish(again.url, "/sync/members", 1).first["successful"]).to be(true)
  ensure
    subscriber&.stop
    again&.stop
  end

  def open_long_poll(faye, client)
    body = JSON.generate([{ channel: "/meta/connect", clientId: client, connectionType: "long-polling" }])
    TCPSocket.new("127.0.0.1", faye.port).tap do |socket|
      socket.write("POST /faye HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" \
                   "Content-Length: #{body.bytesize}\r\n\r\n#{body}")
    end
  end
end
