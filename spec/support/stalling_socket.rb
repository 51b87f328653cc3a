# frozen_string_literal: true

require "io/wait"
require "json"
require "openssl"
require "socket"
require "support/bayeux"
require "websocket/driver"

# A websocket that reads when it is told to, and otherwise lets everything wait: a browser that is paused.
#
#   browser = StallingSocket.new(faye.url)
#   browser.subscribe("/sync/members")   # shakes hands and connects, too, and reads what is answered
#   browser.closed?                      # whether the server has closed it; waits for that
class StallingSocket
  attr_reader :url, :client

  # @param ca_file [String, nil] path of the certificate to trust
  def initialize(url, ca_file: nil)
    uri = URI(url)
    @url = "#{uri.scheme == "https" ? "wss" : "ws"}://#{uri.host}:#{uri.port}#{uri.path}"
    @io = TCPSocket.new(uri.host, uri.port)
    @io = secure(@io, ca_file) if uri.scheme == "https"
    @answers = []
    @driver = WebSocket::Driver.client(self)
    @driver.on(:message) { |event| @answers.concat(JSON.parse(event.data)) }
    @driver.start
    read_until { @driver.state == :open }
  end

  # Called by the driver.
  def write(bytes)
    @io.write(bytes)
  end

  # @return [Hash] the answer
  def call(message)
    @driver.text(JSON.generate([message]))
    found = nil
    read_until { found = @answers.find { |answer| answer["channel"] == message[:channel] && answer["successful"] } }
    @answers.clear
    found
  end

  def subscribe(channel)
    @client = call({ channel: "/meta/handshake", version: "1.0", supportedConnectionTypes: ["websocket"] })["clientId"]
    call({ channel: "/meta/subscribe", clientId: @client, subscription: channel })
    connect(0)
    connect
  end

  # @param timeout [Integer, nil] milliseconds; 0: it is answered at once
  def connect(timeout = nil)
    message = { channel: "/meta/connect", clientId: @client, connectionType: "websocket" }
    return call(message.merge(advice: { timeout: })) if timeout

    @driver.text(JSON.generate([message]))
  end

  def ping(text)
    @driver.ping(text)
  end

  # Reads and throws away what comes, from now on.
  def drain
    Thread.new { closed?(Float::INFINITY) }
  end

  # @return [Boolean] whether the server closes it
  def closed?(seconds = 20)
    deadline = now + seconds
    while now < deadline
      return true if (@io.to_io.wait_readable(0.1) || pending?) && gone?
    end
    false
  end

  def close
    @io.close
  end

  private

  # Whether TLS has something that the socket has not.
  def pending?
    @io.respond_to?(:pending) && @io.pending.positive?
  end

  # Reads without a word to the driver: it would answer pings.
  def gone?
    @io.read_nonblock(1024 * 1024, exception: false).nil?
  rescue SystemCallError, IOError, OpenSSL::SSL::SSLError
    true
  end

  def read_until(seconds = 20)
    deadline = now + seconds
    until yield
      raise "no answer in #{seconds} s" if now > deadline

      read
    end
  end

  def read
    case (bytes = @io.read_nonblock(64 * 1024, exception: false))
    when String then @driver.parse(bytes)
    when nil then raise EOFError, "closed by the server"
    else @io.to_io.wait_readable(0.1)
    end
  end

  def secure(socket, ca_file)
    context = OpenSSL::SSL::SSLContext.new
    context.ca_file = ca_file
    OpenSSL::SSL::SSLSocket.new(socket, context).tap(&:connect)
  end

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
