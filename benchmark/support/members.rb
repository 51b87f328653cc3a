# frozen_string_literal: true

require "active_record"
require "net/http"
require "pushable"

ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: ":memory:")
ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  create_table :members do |t|
    t.string :name, :email, :nickname
    t.text :bio
    t.boolean :active
    t.decimal :balance, precision: 10, scale: 2
    t.float :score
    t.timestamps
  end
end

module Bench
  # The record of every way: ten columns, one channel that a method names from a column.
  class Member < ActiveRecord::Base
    self.abstract_class = true

    def self.columns_of(number)
      { name: format("Member number %06d", number), email: format("member%06d@example.org", number), bio: "b" * 200,
        active: true, balance: BigDecimal("1234.56"), score: number + 0.25 }
    end

    private

    def collection_channel
      "members_#{active ? "active" : "gone"}"
    end
  end

  # Without the gem: the base line.
  class PlainMember < Member
    self.table_name = "members"
  end

  # With the gem.
  class PushedMember < Member
    self.table_name = "members"
    push create: :collections, update: :collections
  end

  # As the gem of 2013 did it: in the callback, a new connection and a form post for every save, and the caller waits.
  class PostedMember < Member
    self.table_name = "members"
    after_create { post("create") }
    after_update { post("update") }

    class << self
      attr_accessor :server
    end

    private

    def post(event)
      message = { channel: "/sync/#{collection_channel}", data: { event: event, object: self } }
      answer = Net::HTTP.post_form(self.class.server, message: message.to_json)
      raise "the server answered #{answer.code}: #{answer.body}" unless answer.is_a?(Net::HTTPSuccess)
    end
  end
end
