# frozen_string_literal: true

require "json"
require "net/http"

module Bench
  # Posts messages that say when they were published, one request after the other. A turn has a connection of its own,
  # as some servers close an idle one.
  class Publisher
    OBJECT = JSON.generate({ id: 7, name: "n" * 176 })
    FORM = %({"channel":"%s","id":"%d","data":{"id":"%d","event":"update","n":%d,"sent":%d,"object":#{OBJECT}}}).freeze
    HEADERS = { "Content-Type" => "application/json" }.freeze

    def initialize(port, channel)
      @port = port
      @channel = channel
      @number = 0
    end

    # @param batch [Integer] messages to a request
    def publish(messages, batch)
      connected { (messages / batch).times { post(batch) } }
    end

    # @param rate [Integer] messages a second, one to a request
    def publish_steadily(messages, rate)
      start = now
      connected do
        messages.times do |index|
          wait = start + (index * 1_000_000 / rate) - now
          sleep(wait / 1_000_000.0) if wait.positive?
          post(1)
        end
      end
    end

    private

    def connected
      Net::HTTP.start("127.0.0.1", @port) do |http|
        @http = http
        yield
      end
    end

    def post(batch)
      sent = now
      body = Array.new(batch) do
        number = @number += 1
        format(FORM, @channel, number, number, number, sent)
      end
      answer = @http.post("/faye", "[#{body.join(",")}]", HEADERS)
      return if answer.code == "200" && answer.body.scan('"successful":true').size == batch

      abort "#{$PROGRAM_NAME}: a publish was answered #{answer.code}: #{answer.body}"
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC, :microsecond)
    end
  end
end
