# frozen_string_literal: true

require_relative "../members"
require_relative "../posting_thread"

module Bench
  # By hand: to_json after the commit, and a thread that posts.
  class HandwrittenMember < Member
    self.table_name = "members"
    after_commit { self.class.thread << message.to_json }

    class << self
      attr_reader :thread

      def server=(url)
        @thread = PostingThread.new(url)
      end

      def drain(due)
        @thread.await(due)
      end
    end

    private

    def message
      event = previously_new_record? ? "create" : "update"
      { channel: "/sync/#{collection_channel}", data: { event: event, object: self } }
    end
  end
end
