# frozen_string_literal: true

require "json"
require "socket"
require "uri"

module Bench
  # A process that answers publishes as Faye does, at next to no cost: each message's id, successful. It takes a JSON
  # array and the form field `message`, keeps connections open when asked, and looks at nothing else.
  class Sink
    # Start it before the libraries are loaded: the child stays small.
    # @return [Sink] listening on a free port
    def self.start
      server = TCPServer.new("127.0.0.1", 0)
      server.listen(128)
      pid = fork do
        trap("TERM") { exit!(0) }
        trap("INT", "IGNORE") # a Ctrl-C ends the benchmark, which ends its sink
        serve(server)
      end
      port = server.addr[1]
      server.close
      new(pid, "http://127.0.0.1:#{port}/faye")
    end

    attr_reader :url

    def initialize(pid, url)
      @pid = pid
      @url = url
    end

    def stop
      Process.kill(:TERM, @pid)
      Process.wait(@pid)
    end

    class << self
      private

      def serve(server)
        loop do
          Thread.new(server.accept) { |connection| converse(connection) }
        end
      end

      def converse(connection)
        connection.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
        while (head = connection.gets("\r\n\r\n"))
          body = connection.read(head[/^content-length: *(\d+)/i, 1].to_i)
          answer = JSON.generate(replies(head, body))
          closing = head.match?(/^connection: *close/i)
          connection.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" \
                           "Content-Length: #{answer.bytesize}\r\n" \
                           "Connection: #{closing ? "close" : "keep-alive"}\r\n\r\n#{answer}")
          break if closing
        end
      rescue Errno::ECONNRESET, Errno::EPIPE
        nil # a client that left has no use for an answer
      ensure
        connection.close
      end

      def replies(head, body)
        form = head.match?(%r{^content-type: *application/x-www-form-urlencoded}i)
        text = form ? URI.decode_www_form(body).assoc("message").last : body
        [JSON.parse(text)].flatten(1).map do |message|
          { channel: message["channel"], successful: true, id: message["id"] }.compact
        end
      end
    end
  end
end
