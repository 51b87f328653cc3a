# frozen_string_literal: true

require "net/http"
require_relative "../members"

module Bench
  # As the gem of 2013 did it: in the callback, a new connection and a form post for every save, and the caller waits.
  # It knew nothing of touch.
  class PostedMember < Member
    self.table_name = "members"
    after_create { post("create") }
    after_update { post("update") }

    class << self
      attr_accessor :server

      def messages(operation)
        operation == "touch" ? 0 : 1
      end
    end

    private

    def post(event)
      message = { channel: "/sync/#{collection_channel}", data: { event: event, object: self } }
      answer = Net::HTTP.post_form(self.class.server, message: message.to_json)
      raise "the server answered #{answer.code}: #{answer.body}" unless answer.is_a?(Net::HTTPSuccess)
    end
  end
end
