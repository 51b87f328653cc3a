# frozen_string_literal: true

require "net/http"
require_relative "../counter"
require_relative "../members"

module Bench
  # What one writes by hand in an afternoon: to_json after the commit, a queue, and a thread that posts one message
  # after the other over one connection. No limit, no second attempt.
  class HandwrittenMember < Member
    self.table_name = "members"
    after_commit { self.class.queue << message.to_json }

    class << self
      attr_reader :queue

      def server=(url)
        @queue = Thread::Queue.new
        @posted = Counter.new
        Thread.new { work(url) }.abort_on_exception = true
      end

      def drain(due)
        @posted.await(due)
      end

      private

      def work(url)
        http = Net::HTTP.new(url.host, url.port)
        http.keep_alive_timeout = 60 # longer than the other ways take
        http.start do
          while (message = @queue.pop)
            answer = http.post(url.path, message, "Content-Type" => "application/json")
            raise "the server answered #{answer.code}: #{answer.body}" unless answer.is_a?(Net::HTTPSuccess)

            @posted.increment
          end
        end
      end
    end

    private

    def message
      event = previously_new_record? ? "create" : "update"
      { channel: "/sync/#{collection_channel}", data: { event: event, object: self } }
    end
  end
end
