# frozen_string_literal: true

require "curb"
require "net/http"
require "uri"

module Bench
  # What an application can bring its messages to a server with when it has no courier. Each posts a body, waits, and
  # returns the body of the answer; anything but success raises.
  module Clients
    JSON_TYPE = { "Content-Type" => "application/json" }.freeze

    # Net::HTTP without a word about connections: a new one every time.
    class Fresh
      TITLE = "Net::HTTP, a new connection"
      WORD = "new"

      def initialize(url)
        @uri = URI(url)
      end

      def post(body)
        Clients.check(Net::HTTP.post(@uri, body, JSON_TYPE))
      end
    end

    # Net::HTTP with a connection that is kept.
    class Kept
      TITLE = "Net::HTTP, its connection kept"
      WORD = "kept"

      def initialize(url)
        @uri = URI(url)
        @http = Net::HTTP.new(@uri.host, @uri.port)
        @http.keep_alive_timeout = 60 # longer than the others' turns
        @http.start
      end

      def post(body)
        Clients.check(@http.post(@uri.path, body, JSON_TYPE))
      end
    end

    # libcurl for Ruby, its connection kept. By Curl::Multi: Curl::Easy alone takes longer with every request (1.4.1).
    class Curb
      TITLE = "curb, its connection kept"
      WORD = "curb"

      def initialize(url)
        @easy = Curl::Easy.new(url)
        @easy.headers = JSON_TYPE.merge("Expect" => "") # or it waits for a 100 that Faye never sends
        @multi = Curl::Multi.new
      end

      def post(body)
        @easy.post_body = body
        @multi.add(@easy)
        @multi.perform
        return @easy.body_str if @easy.response_code == 200

        raise "the server answered #{@easy.response_code}: #{@easy.body_str}"
      end
    end

    # The gem of 2013: a form, one message in it, and a new connection.
    class Form < Fresh
      TITLE = "the way of 2013"
      WORD = "2013"

      def post(body)
        Clients.check(Net::HTTP.post_form(@uri, message: body))
      end
    end

    module_function

    def check(answer)
      return answer.body if answer.is_a?(Net::HTTPSuccess)

      raise "the server answered #{answer.code}: #{answer.body}"
    end
  end
end
