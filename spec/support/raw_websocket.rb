# frozen_string_literal: true

require "json"
require "securerandom"
require "socket"
require "uri"

# A websocket that can say what no well-behaved client does.
#
#   socket = RawWebsocket.new(faye.url)
#   socket.write("[]")                    # a whole text; or any other frame
#   socket.read                           # "[…]", the next text; nil when the server has closed
#   RawWebsocket.exchange(faye.url, [{ "channel" => … }])   # the first answer
class RawWebsocket
  CONTINUATION = 0
  TEXT = 1
  BINARY = 2
  CLOSE = 8
  PING = 9
  PONG = 10
  SECONDS = 20

  # @return [Array<Hash>, nil]
  def self.exchange(url, messages, **options)
    socket = new(url, **options)
    socket.write(JSON.generate(messages))
    text = socket.read
    text && JSON.parse(text)
  ensure
    socket&.close
  end

  # @return [Integer, nil] the server's reason to close
  attr_reader :closed_with

  # @param headers [Hash] more of them
  def initialize(url, headers: {})
    uri = URI(url)
    @io = TCPSocket.new(uri.host, uri.port)
    lines = { "Host" => "#{uri.host}:#{uri.port}", "Connection" => "Upgrade", "Upgrade" => "websocket",
              "Sec-WebSocket-Version" => "13", "Sec-WebSocket-Key" => SecureRandom.base64(16), **headers }
    @io.write("GET #{uri.path} HTTP/1.1\r\n#{lines.map { |name, value| "#{name}: #{value}\r\n" }.join}\r\n")
    @buffer = +"".b
    head = take_until("\r\n\r\n")
    raise "no websocket: #{head}" unless head.start_with?("HTTP/1.1 101")
  end

  # @param length [Integer] what the frame says of itself
  # @param reserved [Integer] the three bits that mean nothing here
  def write(payload, opcode: TEXT, final: true, masked: true, length: payload.bytesize, reserved: 0)
    head = [(final ? 128 : 0) | (reserved << 4) | opcode].pack("C") << encoded(length, masked ? 128 : 0)
    @io.write(masked ? head << "\0\0\0\0".b << payload.b : head << payload.b) # a mask of zeros changes nothing
  rescue SystemCallError
    nil # the server has closed; {#read} tells
  end

  # @return [String, nil] the next text
  def read
    loop do
      opcode, payload = frame
      case opcode
      when PING then write(payload, opcode: PONG)
      when TEXT then return payload
      when CLOSE then return (@closed_with = payload.unpack1("S>")) && nil
      when nil then return
      end
    end
  end

  # @return [Boolean] whether it is still open
  def alive?
    word = SecureRandom.hex(4)
    write(word, opcode: PING)
    loop do
      opcode, payload = frame
      return true if opcode == PONG && payload == word
      return false if opcode.nil? || opcode == CLOSE
    end
  end

  def close
    @io.close
  end

  private

  def encoded(length, mask)
    return [mask | length].pack("C") if length < 126

    length < 65_536 ? [mask | 126, length].pack("CS>") : [mask | 127, length].pack("CQ>")
  end

  def frame
    head = take(2) or return
    length = head.getbyte(1)
    length = take(2).unpack1("S>") if length == 126
    length = take(8).unpack1("Q>") if length == 127
    [head.getbyte(0) & 15, take(length)&.force_encoding("UTF-8")]
  end

  def take(count)
    nil while @buffer.bytesize < count && more
    @buffer.slice!(0, count) if @buffer.bytesize >= count
  end

  def take_until(mark)
    nil while !@buffer.include?(mark) && more
    @buffer.slice!(0, (@buffer.index(mark) || @buffer.bytesize) + mark.bytesize)
  end

  # @return [Object, nil] nil when there is no more
  def more
    raise "no word from the server in #{SECONDS} s" unless @io.wait_readable(SECONDS)

    @buffer << @io.readpartial(65_536)
  rescue EOFError, SystemCallError
    nil
  end
end
