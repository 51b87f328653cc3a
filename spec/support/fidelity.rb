# frozen_string_literal: true

require "bigdecimal/util"
require_relative "pushing"

# Compares Pushable.encode with Rails: once parsed, what it wrote is what as_json says.
module Fidelity
  # The block makes the value, twice: how the first record of a class went decides what the next ones may do without.
  #
  # @param without [Array<String>] secret columns, which as_json gives
  def expect_faithful(value = nil, without: [], &make)
    (make ? Array.new(2) { make } : [-> { value }]).each do |made|
      value = made.call
      ours = parsed { Pushable.encode(value) } # first: as_json leaves every column read
      theirs = parsed { JSON.generate(less(without, value.as_json)) }
      expect(ours).to eq(theirs)
    end
  end

  # What the block saves is pushed as as_json says of the row as it stands then.
  def expect_faithful_push(record, without: [], &block)
    messages = pushes(&block)
    row = record.class.unscoped.find(record.id)
    theirs = parsed { JSON.generate(less(without, row.as_json)) }
    expect(messages).not_to be_empty
    messages.each { |message| expect(exactly(message["data"]["object"])).to eq(theirs) }
  end

  # Both refuse: a value that no JSON can hold.
  def expect_refused(value, with: Pushable::EncodingError, rails: StandardError)
    expect { Pushable.encode(value) }.to raise_error(with)
    expect { JSON.generate(value.as_json) }.to raise_error(rails)
  end

  # A class of its own for one example, on a table of the suite.
  def model(table, parent: ActiveRecord::Base, name: "Sample", &body)
    klass = stub_const(name, Class.new(parent))
    klass.table_name = table if parent == ActiveRecord::Base
    klass.class_eval(&body) if body
    klass
  end

  # A table of its own for one example, its column `content` as said, and a class for it.
  def sample(type, **options, &)
    table = "samples_#{Fidelity.tables += 1}"
    ActiveRecord::Base.connection.create_table(table) do |t|
      t.string :note
      t.column :content, type, **options
    end
    (@samples ||= []) << table
    model(table, &)
  end

  # How a record of +klass+ comes to hold +value+ in +column+: name => what makes it.
  def in_every_state(klass, column, value)
    given = { column => value }
    stored = klass.create!(given).id
    { "built" => -> { klass.new(given) },
      "created" => -> { klass.create!(given) },
      "updated" => -> { klass.create!.tap { |record| record.update!(given) } },
      "assigned" => -> { klass.create!.tap { |record| record.assign_attributes(given) } },
      "copied" => -> { klass.create!(given).dup },
      "emptied" => -> { klass.create!(given).tap { |record| record[column] = nil } },
      **in_every_loaded_state(klass, column, stored) }
  end

  # The same of a row that is there.
  def in_every_loaded_state(klass, column, id)
    { "loaded" => -> { klass.find(id) },
      "read" => -> { klass.find(id).tap { |record| record[column] } },
      "saved beside it" => -> { klass.find(id).tap { |record| record.update!(note: record.note.to_s.succ) } } }
  end

  class << self
    attr_accessor :tables
  end
  self.tables = 0

  private

  def parsed(&) = exactly(JSON.parse(yield))

  def less(names, json) = names.empty? ? json : json.except(*names)

  # Integer 1 and Float 1.0 are equal to Ruby, and -0.0 is to 0.0; here they are not.
  def exactly(value)
    case value
    when Hash then value.transform_values { |inner| exactly(inner) }
    when Array then value.map { |inner| exactly(inner) }
    when Float then [:float, value.to_s]
    when Integer then [:integer, value]
    else value
    end
  end

  def drop_samples
    Array(@samples).each { |table| ActiveRecord::Base.connection.drop_table(table) }
  end
end

RSpec.configure do |config|
  config.include Fidelity, :fidelity
  config.after(:each, :fidelity) { drop_samples }
end
