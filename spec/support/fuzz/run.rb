# frozen_string_literal: true

require "uri"
require_relative "../bayeux"
require_relative "../raw_websocket"
require_relative "http"
require_relative "oddities"
require_relative "random_bayeux"

module Fuzz
  # Sends random requests, by every way there is, and counts what becomes of them. Each has to be answered, or its
  # connection closed.
  class Run
    # By weight.
    WAYS = { post: 40, form: 8, jsonp: 10, websocket: 20, binary: 5, frame: 8, event_source: 3, oddity: 6 }
           .flat_map { |way, weight| [way] * weight }.freeze
    # A server knows clients for 50 s; there shall always be some that it knows.
    CLIENTS = 8

    # @return [Hash{Symbol => Hash{Symbol => Integer}}] ways, and what became of the requests
    attr_reader :outcomes

    # @param key [String] to publish
    def initialize(url, key:, seed:)
      @url = url
      @key = { "Authorization" => "Bearer #{key}" }
      @random = Random.new(seed)
      @clients = ["unknown"]
      @bayeux = RandomBayeux.new(@random, @clients)
      @oddities = Oddities.new(@random)
      @http = Http.new(url)
      @outcomes = Hash.new { |hash, way| hash[way] = Hash.new(0) }
    end

    # @raise [RuntimeError] with the request that was left alone
    def send_requests(count)
      count.times do |number|
        renew_clients if (number % 1000).zero?
        way = WAYS[@random.rand(WAYS.size)]
        @text = @bayeux.text
        @outcomes[way][public_send(way)] += 1
      rescue RuntimeError, SystemCallError => e
        raise "request #{number}, #{way}, #{@text.dump[0, 2000]}: #{e.message}"
      end
    ensure
      @http.close
      closed if @socket
    end

    def post
      headers = @random.rand(4).zero? ? @key : {}
      @http.exchange(@http.request("POST /faye", { "Content-Type" => "application/json", **headers }, @text))
    end

    def form
      type = ["application/x-www-form-urlencoded", "text/plain;charset=UTF-8"][@random.rand(2)]
      @http.exchange(@http.request("POST /faye", { "Content-Type" => type }, "message=#{escaped}"))
    end

    def jsonp
      query = "jsonp=f&message=#{escaped[0, 5000]}"
      @http.exchange(@http.request("GET /faye?#{query}", {}))
    end

    def websocket(opcode = RawWebsocket::TEXT)
      socket.write(@text, opcode:)
      # What was published meanwhile comes, too.
      nil until (answer = socket.read).nil? || answer == "[]" || answer.include?('"successful":')
      answer ? :answered : closed
    end

    def binary
      websocket(RawWebsocket::BINARY)
    end

    def frame
      @oddities.frame(socket, @text)
      socket.alive? ? :waiting : :closed
    ensure
      closed
    end

    def event_source
      headers = { "Accept" => "text/event-stream" }
      @http.exchange(@http.request("GET /faye/#{@clients[@random.rand(@clients.size)]}", headers))
    end

    def oddity
      request, how = @oddities.request(@http, @text)
      @http.close
      @http.exchange(request, **how)
    ensure
      @http.close
    end

    private

    def socket
      @socket ||= RawWebsocket.new(@url, headers: @random.rand(4).zero? ? @key : {})
    end

    def closed
      @socket.close
      @socket = nil
      :closed
    end

    def escaped
      URI.encode_www_form_component(@text)
    end

    def renew_clients
      @clients.replace(["unknown", *Array.new(CLIENTS) { Bayeux.handshake(@url) }])
    end
  end
end
