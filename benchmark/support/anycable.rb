# frozen_string_literal: true

require "anycable"

module Bench
  # AnyCable's way to its server by HTTP: a queue, and a thread with a new connection for every request. It logs nothing
  # here, which flatters it.
  class AnyCableBroadcasts
    TITLE = "AnyCable's HTTP broadcasts"
    WORD = "anycable"

    # @param url [String] of its server, which answers 201
    def initialize(url)
      AnyCable.logger = Logger.new(nil)
      options = { url: url, secret: "a benchmark keeps no secrets" }
      @adapter = AnyCable::BroadcastAdapters.lookup_adapter([:http, options])
    end

    # @param batch [Integer] messages to a request
    def broadcast(stream, payloads, batch)
      return payloads.each { |payload| @adapter.broadcast(stream, payload) } if batch == 1

      payloads.each_slice(batch) do |slice|
        @adapter.batching { slice.each { |payload| @adapter.broadcast(stream, payload) } }
      end
    end
  end
end
