# frozen_string_literal: true

require_relative "../counter"
require_relative "../members"
require_relative "../rails_app"

module Bench
  # Turbo's `broadcasts_to`: a job after the commit reads the record again, renders its partial and hands it to Action
  # Cable. Queue and cable are Rails' own within the process (`:async`), so neither Redis nor another process works
  # unseen. Its messages arrive where a browser's socket would take them from.
  class BroadcastMember < Member
    self.table_name = "members"
    broadcasts_to :collection_channel

    class << self
      # A connection of their own for the threads of the jobs: with a database in memory each would see an empty one.
      def works_with?(database)
        database == Database::WAL
      end

      def subscribe(stream)
        @arrived = Counter.new
        subscribed = Thread::Queue.new
        ActionCable.server.pubsub.subscribe(stream, ->(_message) { @arrived.increment }, -> { subscribed << true })
        subscribed.pop
      end

      def drain(due)
        @arrived.await(due)
      end

      def arrived
        @arrived.total
      end
    end
  end
end
