# frozen_string_literal: true

require "socket"
require "uri"

module Fuzz
  # Speaks HTTP on a connection that it keeps, as long as the server does.
  class Http
    SECONDS = 20

    def initialize(url)
      @uri = URI(url)
    end

    # @param complete [Boolean] false: there may be no answer, as the server has to wait for more
    # @return [Symbol] what became of it: :"200", :closed, :abandoned …
    # @raise [RuntimeError] when it was neither answered nor closed
    def exchange(request, complete: true)
      close unless complete
      write(request)
      return :abandoned.tap { close } unless complete

      outcome = read(head_only: request.start_with?("HEAD "))
      close if outcome == :closed
      outcome
    end

    # @return [String] with a body and its length
    def request(line, headers, body = nil)
      headers = { "Host" => "#{@uri.host}:#{@uri.port}", **headers }
      headers["Content-Length"] ||= body.bytesize if body
      head = headers.map { |name, value| "#{name}: #{value}\r\n" }.join
      "#{line} HTTP/1.1\r\n#{head}\r\n".b << body.to_s.b
    end

    def close
      @io&.close
      @io = nil
    end

    private

    def write(request)
      @io ||= TCPSocket.new(@uri.host, @uri.port)
      @io.write(request)
    rescue SystemCallError
      nil # closed meanwhile; read tells
    end

    def read(head_only:)
      buffer = +"".b
      buffer << more until (head = buffer[/\A.*?\r\n\r\n/m])
      status = head[%r{\AHTTP/1\.1 (\d+)}, 1] or raise "not HTTP: #{head.dump}"
      rest = head_only ? 0 : head[/^content-length: (\d+)/i, 1].to_i
      buffer << more while buffer.bytesize < rest + head.bytesize
      close if head.match?(/^connection: close/i)
      status.to_sym
    rescue EOFError, SystemCallError
      :closed
    end

    def more
      raise "no word from the server in #{SECONDS} s" unless @io.wait_readable(SECONDS)

      @io.readpartial(65_536)
    end
  end
end
