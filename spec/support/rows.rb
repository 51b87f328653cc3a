# frozen_string_literal: true

require_relative "pushing"

# More tables, for what Rails does beyond a plain save.
ActiveRecord::Base.connection_pool.with_connection do |connection|
  connection.create_table(:houses) do |t|
    t.string :name
    t.integer :rooms_count, default: 0
    t.datetime :opened_at
    t.timestamps
  end
  connection.create_table(:rooms) do |t|
    t.references :house
    t.string :name
    t.integer :state, default: 0
    t.integer :visits, default: 0
    t.boolean :lit, default: false
    t.json :settings
    t.string :password_digest
    t.timestamps
  end
  connection.create_table(:vouchers, id: :string) { |t| t.string :name }
  connection.create_table(:bookings) do |t|
    t.string :name
    t.integer :lock_version, default: 0
    t.timestamps
  end
end

class House < ActiveRecord::Base
  push
end

class Room < ActiveRecord::Base
  belongs_to :house, optional: true
  attribute :settings, :json # MariaDB has text there
  store_accessor :settings, :colour
  enum :state, { free: 0, taken: 1 }
  push

  private

  def collection_channel = "house_#{house_id}_rooms"
end

class Voucher < ActiveRecord::Base
  before_create { self.id ||= SecureRandom.uuid }
  push
end

class Booking < ActiveRecord::Base
  push
end

# Compares what was pushed with what stands in the database, not with what the example believes.
module Rows
  # A class of its own for one example; the body runs after `push`.
  def declare(name, table, parent = ActiveRecord::Base, &body)
    stub_const(name, Class.new(parent) do
      self.table_name = table
      push if parent == ActiveRecord::Base
      class_eval(&body) if body
    end)
  end

  # @return [Hash, nil] the row as it stands, as the browser would see it
  def row(record)
    found = stored(record)
    found && JSON.parse(JSON.generate(found.as_json)).except(*secret(record))
  end

  # What the block told: [["room_1", "update", %w[name updated_at]], ...]; no third where there is no +changed+.
  def told(&)
    pushes(&).map do |message|
      [message["channel"].delete_prefix("/sync/"), message["data"]["event"], message["data"]["changed"]&.sort].compact
    end
  end

  # The block makes exactly one update of the record on each of its channels, and tells of nothing else: it carries the
  # row, and names the columns in which the row differs from what it was.
  def expect_one_update(record, channels: 2, &block)
    before = stored(record)
    messages = pushes(&block)
    expect(messages.map { |message| message["channel"] }.uniq.size).to eq(channels)
    expect(messages.size).to eq(channels)
    expect(messages.map { |message| message["data"] })
      .to all(include("event" => "update", "object" => row(record), "changed" => match_array(difference(before))))
  end

  private

  def stored(record) = record.class.unscoped.find_by(record.class.primary_key => record.id)
  def secret(record) = record.class.column_names.grep(/_digest\z/)

  def difference(before)
    stored(before).attributes.reject { |name, value| value == before[name] }.keys - secret(before)
  end
end

RSpec.configure { |config| config.include Rows, :rows }
