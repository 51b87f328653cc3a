# frozen_string_literal: true

require_relative "../raw_websocket"

module Fuzz
  # What no client sends, below the level of messages. Each is drawn with a Random, so that none is the same twice.
  class Oddities
    METHODS = %w[PUT DELETE PATCH HEAD OPTIONS TRACE GET POST X get].freeze
    PATHS = ["/", "/fayex", "/faye/", "/faye/x", "/faye.js", "/faye/x.js", "/faye/../faye", "/faye/client.js",
             "/faye?jsonp=a%0Ab", "/faye?jsonp[a]=1", "/faye?message[a]=1", "/faye?message=%ff", "/faye?%",
             "/faye/%00.js", "/faye?a=#{"x" * 9000}", "//faye", "*", "/health", "/metrics"].freeze
    TYPES = ["application/json; charset=latin1", "Application/JSON", "text/xml", "multipart/form-data; boundary=x", "",
             ";", "application/x-www-form-urlencoded", "text/plain", "\xFF"].freeze
    HEADERS = [["Accept", "text/event-stream"], ["Upgrade", "websocket"], ["Connection", "Upgrade"],
               ["Authorization", "Bearer x"], ["Authorization", "\xFF"], ["Origin", "null"], ["Origin", "\xFF://x"],
               ["Content-Encoding", "gzip"], ["Expect", "100-continue"], ["Sec-WebSocket-Version", "8"],
               ["Sec-WebSocket-Key1", "1 2"], ["Access-Control-Request-Method", "POST"], ["Cookie", "a=b"],
               ["X-Forwarded-For", "1.2.3.4"], ["Host", ""], ["If-Modified-Since", "never"]].freeze
    LARGE = 4 * 1024 * 1024
    LENGTHS = [200_000, LARGE, 2**62, 2**63, (2**64) - 1].freeze
    CONTROL = [RawWebsocket::CLOSE, RawWebsocket::PING, RawWebsocket::PONG].freeze
    CUT = "\xFF\xC0".b.freeze # no UTF-8

    def initialize(random)
      @random = random
    end

    # @param http [Http]
    # @return [Array(String, Hash)] a request, and how {Http#exchange} has to take it
    def request(http, body)
      case @random.rand(8)
      when 0 then [http.request("POST /faye", { "Content-Type" => "application/json", "Content-Length" => LARGE }), {}]
      when 1 then [http.request("POST /faye", { "Content-Length" => body.bytesize + 1 }, body), { complete: false }]
      when 2 then [http.request("POST /faye", { "Transfer-Encoding" => "chunked" }) << "1\r\nx\r\n0\r\n\r\n", {}]
      when 3 then [@random.bytes(@random.rand(1..200)).delete("\r\n") << "\r\n\r\n", {}]
      when 4 then [http.request("POST /faye", { "Content-Length" => pick([-1, "x", 0, ", 2"]) }, body), {}]
      else [http.request("#{pick(METHODS)} #{pick(PATHS)}", headers, body), {}]
      end
    end

    # What ends a websocket, or leaves it waiting for more.
    def frame(socket, text)
      payload, how = pick([[text, { final: false }], [text, { opcode: RawWebsocket::CONTINUATION }], [text, bits],
                           [text, { masked: false }], ["", { length: pick(LENGTHS) }], [CUT, {}],
                           [@random.bytes(@random.rand(126)), { opcode: pick(CONTROL) }],
                           [@random.bytes(130), { opcode: pick(CONTROL) }]])
      socket.write(payload, **how)
      fragments(socket) if how[:final] == false
    end

    private

    def bits
      { opcode: @random.rand(16), reserved: @random.rand(8) }
    end

    # Without an end, some beyond what is allowed.
    def fragments(socket)
      @random.rand(5).times { socket.write("x" * 50_000, opcode: RawWebsocket::CONTINUATION, final: false) }
    end

    def headers
      { "Content-Type" => pick(TYPES), "Connection" => "close", **Array.new(@random.rand(3)) { pick(HEADERS) }.to_h }
    end

    def pick(list)
      list[@random.rand(list.size)]
    end
  end
end
