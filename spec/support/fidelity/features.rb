# frozen_string_literal: true

require_relative "draws"
require_relative "types"

module Fidelity
  # What a class may say about its columns, and about itself: each drawn at random.
  class Features
    include Draws

    # How a column is made something else.
    PLAIN = %i[enum serialize store alias_name normalize accessors readonly default].freeze
    READERS = %i[reader private_reader module_reader].freeze
    TYPES = %i[attribute own_type].freeze
    OF_COLUMNS = (PLAIN + READERS + (TYPES * 3)).freeze
    OF_CLASSES = %i[virtual virtual hashed json_method names_method].freeze
    OWN_TYPES = { string: Types::Shouting, integer: Types::Doubled, boolean: Types::Negated, float: Types::Halved,
                  decimal: Types::Cents, date: Types::NextDay, time: Types::Later, json: Types::Points,
                  binary: ActiveModel::Type::Value }.freeze
    # Types by name, and what each may be told.
    NAMED_TYPES = {
      string: [{}], text: [{}], immutable_string: [{}], integer: [{}, { limit: 2 }], big_integer: [{}], float: [{}],
      decimal: [{}, { precision: 8, scale: 2 }, { precision: 8, scale: 0 }, { precision: 5 }, { scale: 1 }],
      boolean: [{}], date: [{}], datetime: [{}, { precision: 3 }, { precision: 0 }], time: [{}], json: [{}]
    }.freeze

    def initialize(random, values, schema)
      @random = random
      @values = values
      @schema = schema
      @model = schema.model
    end

    def apply
      @schema.columns.each { |column| send(pick(OF_COLUMNS), column) if one_in?(3) }
      send(pick(OF_CLASSES)) if one_in?(4)
    end

    private

    def enum(column)
      known = Schema::TYPES.key?(column.type) # of a type that Rails does not know it makes no enum
      return unless known && %i[integer string].include?(column.kind)

      labels = %w[fresh dried burnt].map { |label| "#{label}_#{@schema.columns.index(column)}" }
      values = column.kind == :integer ? [0, 1, 7] : %w[a b c]
      note("enum", column)
      @model.enum(column.name.to_sym, labels.zip(values).to_h)
    end

    def serialize(column)
      return if column.type == :json # Rails refuses it

      coder = pick([JSON, ActiveRecord::Coders::YAMLColumn.new(column.name), Types::Brackets])
      note("serialize #{coder}", column)
      @model.serialize(column.name.to_sym, coder: coder)
    end

    def store(column)
      return unless column.type == :text

      note("store", column)
      @model.store(column.name.to_sym, accessors: [:"colour_of_#{column.name}"], coder: JSON)
    end

    def accessors(column)
      return unless column.type == :json

      note("store_accessor", column)
      @model.store_accessor(column.name.to_sym, :"colour_of_#{column.name}")
    end

    def attribute(column)
      type = one_in?(3) ? pick(NAMED_TYPES.keys) : { time: :datetime, binary: :string }.fetch(column.kind, column.kind)
      options = pick(NAMED_TYPES.fetch(type))
      note("attribute #{type} #{options}", column)
      @model.attribute(column.name, type, **options)
    end

    def own_type(column)
      type = one_in?(4) ? pick(OWN_TYPES.values) : OWN_TYPES.fetch(column.kind)
      note("attribute #{type}", column)
      @model.attribute(column.name, type.new)
    end

    def default(column)
      value = @values.tame(column.kind)
      note("default", column)
      @model.attribute(column.name, default: one_in?(2) ? -> { value } : value)
    end

    def reader(column)
      note("reader", column)
      @model.define_method(column.name) { [super()] }
    end

    def private_reader(column)
      note("private reader", column)
      @model.define_method(column.name) { "mine" }
      @model.send(:private, column.name)
    end

    def module_reader(column)
      note("reader of a module", column)
      @model.include(Module.new { define_method(column.name) { "theirs" } })
      @model.prepend(Module.new { define_method(column.name) { { "it" => super() } } }) if one_in?(2)
    end

    def alias_name(column)
      note("alias", column)
      @model.alias_attribute(:"other_#{@schema.columns.index(column)}", column.name)
    end

    def normalize(column)
      return unless @model.respond_to?(:normalizes) # Rails 7.1

      note("normalizes", column)
      @model.normalizes(column.name, with: ->(value) { value.is_a?(String) ? value.strip : value })
    end

    def readonly(column)
      note("readonly", column)
      @model.attr_readonly(column.name)
    end

    def virtual
      kind = pick(Values::KINDS)
      type = { json: :json, time: :datetime, binary: :binary }.fetch(kind, kind)
      value = @values.tame(kind)
      @schema.note("virtual", type)
      @model.attribute(:virtual, type, default: pick([nil, value, -> { value }]))
      @schema.assignable["virtual"] = kind
    end

    def hashed
      @schema.note("serializable_hash", "more")
      @model.define_method(:serializable_hash) { |options = nil| super(options).merge("more" => [1, :a]) }
    end

    def json_method
      @schema.note("as_json", "wrapped")
      @model.define_method(:as_json) { |options = nil| { "it" => super(options) } }
    end

    def names_method
      @schema.note("attribute_names", "less")
      @model.define_method(:attribute_names) { super() - ["id"] }
    end

    def note(what, column) = @schema.note(what, column.name)
  end
end
