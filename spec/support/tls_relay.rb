# frozen_string_literal: true

require "openssl"
require "socket"

# TLS in front of a server that has none, and a count of its connections.
class TlsRelay
  attr_reader :connections

  # @param port [Integer] of the server
  # @param key [String] and @param certificate [String] their paths
  def initialize(port, key, certificate)
    @port = port
    @connections = 0
    @server = TCPServer.new("127.0.0.1", 0)
    @context = OpenSSL::SSL::SSLContext.new
    @context.key = OpenSSL::PKey.read(File.read(key))
    @context.cert = OpenSSL::X509::Certificate.new(File.read(certificate))
    @thread = Thread.new { loop { accept(@server.accept) } }
  end

  def url = "https://127.0.0.1:#{@server.addr[1]}/faye"

  def stop
    @thread.kill.join
    @server.close
  end

  private

  def accept(socket)
    @connections += 1
    Thread.new { relay(OpenSSL::SSL::SSLSocket.new(socket, @context), TCPSocket.new("127.0.0.1", @port)) }
  end

  def relay(outside, inside)
    outside.sync_close = true
    outside.accept
    loop do
      from = [outside, inside].find { |socket| socket == outside && outside.pending.positive? }
      from ||= IO.select([outside, inside]).dig(0, 0)
      (from == outside ? inside : outside).write(from.readpartial(16 * 1024))
    end
  rescue EOFError, Errno::ECONNRESET, Errno::EPIPE, OpenSSL::SSL::SSLError
    nil # one of them has left
  ensure
    [outside, inside].each(&:close)
  end
end
