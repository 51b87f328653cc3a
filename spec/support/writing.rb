# frozen_string_literal: true

require_relative "models"

# What the application of spec/courier/resync_spec.rb runs (AppProcess): a thread that changes the rows of a table at
# random, and what stands in that table.
module Writing
  # Its own connection to a database in a file, as a thread writes while another reads.
  class Item < FileRecord
    self.table_name = "members"
    push create: :collections, update: :collections, destroy: :collections

    def collection_channel = "family_#{family_id}_members"
  end

  FAMILIES = (1..5).to_a.freeze
  WORDS = %w[Ann Bea Cid Dan Eve Fay Gus Hal Ida Jon].freeze
  # What servers answer these with makes the courier give the message up.
  UNWELCOME = %w[POISON REJECT SWALLOW].freeze
  STEPS = %i[create create create update update update update update move move destroy].freeze
  EVERY = 0.002 # seconds a change

  class << self
    def connect(path) = Database.connect(FileRecord, path).then { nil }

    def channels = FAMILIES.map { |family| "/sync/family_#{family}_members" }

    # @return [Hash] a channel's collection, as a browser that fetches it sees it
    def fetch(channel)
      JSON.parse(Item.where(family_id: channel[/\d+/]).to_json).to_h { |row| [row["id"], row] }
    end

    # Changes so many rows, in a thread.
    def start(seed, count)
      random = Random.new(seed)
      @thread = Thread.new do
        count.times do
          change(random)
          sleep EVERY
        end
      end
      nil
    end

    def over? = @thread.join(0) ? true : false

    private

    def change(random)
      step = STEPS.sample(random:)
      item = Item.find_by(id: Item.ids.sample(random:)) unless step == :create
      case item && step
      when :update then item.update!([{ name: name(random) }, { age: random.rand(90) }].sample(random:))
      when :move then item.update!(family_id: FAMILIES.sample(random:))
      when :destroy then item.destroy!
      else Item.create!(name: name(random), age: random.rand(90), family_id: FAMILIES.sample(random:))
      end
    end

    def name(random) = (random.rand(100).zero? ? UNWELCOME : WORDS).sample(random:)
  end
end
