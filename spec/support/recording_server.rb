# frozen_string_literal: true

require "json"
require "socket"

# A server that answers every POST as a Faye server would, and keeps what came: for what a real one does not show, as
# headers, or does not do, as refusing a message.
#
#   server = RecordingServer.start                   # or with a block: whether to refuse a message with this object
#   server = RecordingServer.start { |object| object["n"].odd? }
#   server.messages, server.heads                             # what has come, oldest first
#   server.hold; server.go_on                                 # meanwhile no POST is answered
#   server.delay = 0.02                                       # seconds before each answer
#   server.stop
class RecordingServer
  TAKEN = { "successful" => true }.freeze
  REFUSED = { "successful" => false, "error" => "403:/sync/x:Forbidden" }.freeze

  def self.start(port = 0, &)
    new(port, &)
  end

  attr_reader :messages, :heads, :port
  attr_writer :delay

  def initialize(port, &refuse)
    @refuse = refuse
    @delay = 0
    @server = TCPServer.new("127.0.0.1", port)
    @messages = []
    @heads = []
    @port = @server.addr[1]
    @threads = [Thread.new { loop { serve(@server.accept) } }]
  end

  def url(credentials = nil) = "http://#{credentials && "#{credentials}@"}127.0.0.1:#{port}/faye"
  def hold = @held = true
  def go_on = @held = false

  # The numbers that were published, in the order of their arrival.
  def numbers = messages.filter_map { |message| message.dig("data", "object", "n") }

  def stop
    @threads.dup.each { |thread| thread.kill.join }
    @server.close
  end

  private

  def serve(socket)
    @threads << Thread.new do
      while (head = socket.gets("\r\n\r\n"))
        body = JSON.parse(socket.read(Integer(head[/^Content-Length: (\d+)/i, 1])))
        sleep @delay
        sleep 0.001 while @held
        answer(socket, head, body)
      end
    rescue Errno::ECONNRESET, Errno::EPIPE
      nil # the courier has left
    ensure
      socket.close
    end
  end

  def answer(socket, head, body)
    heads << head
    messages.concat(body)
    replies = JSON.generate(body.map { |message| message.slice("id", "channel").merge(verdict(message)) })
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: #{replies.bytesize}\r\n\r\n#{replies}")
  end

  def verdict(message)
    object = message.dig("data", "object") # a resync has none
    @refuse && object && @refuse.call(object) ? REFUSED : TAKEN
  end
end
