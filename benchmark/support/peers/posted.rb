# frozen_string_literal: true

require_relative "../clients"
require_relative "../members"

module Bench
  # As the gem of 2013 did it: in the callback, a new connection and a form post for every save, and the caller waits.
  # It knew nothing of touch.
  class PostedMember < Member
    self.table_name = "members"
    after_create { post("create") }
    after_update { post("update") }

    class << self
      attr_reader :client

      def server=(url)
        @client = Clients::Form.new(url)
      end

      def messages(operation)
        operation == "touch" ? 0 : 1
      end
    end

    private

    def post(event)
      message = { channel: "/sync/#{collection_channel}", data: { event: event, object: self } }
      self.class.client.post(message.to_json)
    end
  end
end
