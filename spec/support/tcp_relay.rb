# frozen_string_literal: true

require "socket"

# TCP in front of a server, to lose connections as a network does. It outlives the server, which may come again.
#
#   relay = TcpRelay.new(faye.port)
#   relay.url                          # what clients are told
#   relay.swallow                      # what the server sends on the connections there are goes nowhere
#   relay.cut                          # and these are gone
class TcpRelay
  CHUNK = 16 * 1024
  private_constant :CHUNK

  # One client's connection.
  Connection = Struct.new(:outside, :inside, :swallowing) do
    # Returns when one of both sides has left.
    def relay
      loop do
        IO.select([outside, inside]).first.each do |from|
          data = from.readpartial(CHUNK)
          to = from == outside ? inside : outside
          to.write(data) unless swallowing && to == outside
        end
      end
    rescue IOError, SystemCallError
      nil
    ensure
      [outside, inside].each(&:close)
    end

    # Not a close: that would not reach who waits for them in {#relay}.
    def cut
      [outside, inside].each(&:shutdown)
    rescue IOError, SystemCallError
      nil # one has left
    end
  end

  # @param port [Integer] of the server
  def initialize(port)
    @port = port
    @connections = []
    @lock = Mutex.new
    @server = TCPServer.new("127.0.0.1", 0)
    @thread = Thread.new { loop { accept(@server.accept) } }
  end

  def url = "http://127.0.0.1:#{@server.addr[1]}/faye"

  def swallow
    @lock.synchronize { @connections.each { |connection| connection.swallowing = true } }
  end

  def cut
    @lock.synchronize { @connections.each(&:cut).clear }
  end

  def stop
    @thread.kill.join
    @server.close
    cut
  end

  private

  def accept(outside)
    connection = Connection.new(outside, TCPSocket.new("127.0.0.1", @port))
    @lock.synchronize { @connections << connection }
    Thread.new { connection.relay }
  rescue SystemCallError
    outside.close # there is no server at the moment
  end
end
