# frozen_string_literal: true

require "json"
require "net/http"
require "socket"
require "uri"

module Bench
  # A process that answers publishes as Faye does, at next to no cost: each message's id, successful. It takes a JSON
  # array or a message alone, as a body or in the form field `message`, keeps connections open when asked, and looks at
  # nothing else. A GET is told how many messages there were.
  class Sink
    # Start it before the libraries are loaded: the child stays small.
    # @return [Sink] listening on a free port
    def self.start
      server = TCPServer.new("127.0.0.1", 0)
      server.listen(128)
      pid = fork do
        trap("TERM") { exit!(0) }
        trap("INT", "IGNORE") # a Ctrl-C ends the benchmark, which ends its sink
        Service.new.run(server)
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

    # @return [Integer] the messages it has answered
    def count
      Integer(Net::HTTP.get(URI(url)))
    end

    def stop
      Process.kill(:TERM, @pid)
      Process.wait(@pid)
    end

    # What runs in that process.
    class Service
      def initialize
        @count = 0
        @lock = Mutex.new
      end

      def run(server)
        loop do
          Thread.new(server.accept) { |connection| converse(connection) }
        end
      end

      private

      def converse(connection)
        connection.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
        while (head = connection.gets("\r\n\r\n"))
          body = connection.read(head[/^content-length: *(\d+)/i, 1].to_i)
          closing = head.match?(/^connection: *close/i)
          connection.write(response(head.start_with?("GET") ? @count.to_s : replies(head, body), closing))
          break if closing
        end
      rescue Errno::ECONNRESET, Errno::EPIPE
        nil # a client that left has no use for an answer
      ensure
        connection.close
      end

      def response(text, closing)
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: #{text.bytesize}\r\n" \
          "Connection: #{closing ? "close" : "keep-alive"}\r\n\r\n#{text}"
      end

      def replies(head, body)
        form = head.match?(%r{^content-type: *application/x-www-form-urlencoded}i)
        text = form ? URI.decode_www_form(body).assoc("message").last : body
        messages = [JSON.parse(text)].flatten(1)
        @lock.synchronize { @count += messages.size }
        JSON.generate(messages.map do |message|
          { channel: message["channel"], successful: true, id: message["id"] }.compact
        end)
      end
    end
  end
end
