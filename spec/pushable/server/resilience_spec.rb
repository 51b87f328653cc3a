# frozen_string_literal: true

require "io/wait"
require "net/http"
require "socket"
require "support/bayeux"
require "support/faye_process"
require "tempfile"

RSpec.describe "rake faye:start under strain" do
  # A defect of ours or of Faye's that no check foresaw.
  it "outlives an exception while it handles a message, and tells of it in one line" do
    fault = Tempfile.new(["fault", ".rb"])
    fault.write(<<~RUBY)
      require #{File.join(FayeProcess::ROOT, "lib/pushable/server").dump}
      Pushable::Server::Guard.prepend(Module.new do
        def incoming(message, request)
          message["channel"] == "/fault" ? raise("a defect\nof two lines") : super
        end
      end)
    RUBY
    fault.close
    faye = FayeProcess.start(env: { "RUBYOPT" => "#{ENV.fetch("RUBYOPT", nil)} -r#{fault.path}" })

    expect { Bayeux.publish(faye.url, "/fault", 1, timeout: 2) }.to raise_error(Net::ReadTimeout)
    expect(Bayeux.publish(faye.url, "/a", 1).first["successful"]).to be(true)
    expect(faye.output.lines.drop(2)).to match([/error: RuntimeError: a defect of two lines \(.+:\d+:in .+\)$/])
  ensure
    faye&.stop
  end

  it "keeps the publisher's connection alive while many browsers are connected" do
    faye = FayeProcess.start
    browsers = Array.new(150) { TCPSocket.new("127.0.0.1", faye.port) }
    publisher = TCPSocket.new("127.0.0.1", faye.port)
    body = '[{"channel":"/a","data":1}]'
    publisher.write("POST /faye HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" \
                    "Content-Length: #{body.bytesize}\r\n\r\n#{body}")

    expect(publisher.readpartial(4096)).to start_with("HTTP/1.1 200")
    expect(publisher.wait_readable(1)).to be_nil, "the server closed the connection"
  ensure
    [publisher, *browsers].compact.each(&:close)
    faye&.stop
  end
end
