# frozen_string_literal: true

require_relative "draws"
require_relative "features"
require_relative "values"

module Fidelity
  # Where the classes of the programs have their names, one after the other.
  module Models
  end

  # A table of random columns and a class for it that does random things with them.
  class Schema
    include Draws

    Column = Struct.new(:name, :type, :options, :kind)

    TYPES = { string: :string, text: :string, integer: :integer, bigint: :integer, float: :float, decimal: :decimal,
              boolean: :boolean, date: :date, time: :time, datetime: :time, timestamp: :time, json: :json,
              binary: :binary }.freeze
    # What the hard short cuts are about comes more often.
    DRAWN = (TYPES.keys + %i[datetime datetime datetime decimal decimal float integer string boolean]).freeze
    ODD_NAMES = ["größe", "odd name", "quoted\"name", "a-b", "zone", "value", "key"].freeze
    # Types that the database has under another name, or does not know at all.
    UNUSUAL = ["varchar(3)", "double precision", "numeric(5,2)", "numeric", "char(2)", "clob", "blob", "money", "uuid",
               "timestamptz", "unsigned big int", "tinyint", "real"].freeze
    TABLE = "fidelity_records"
    ROOTS = [true, "record"].freeze

    # @return [Hash{String => Symbol}] what can be assigned, and of which kind its values are
    attr_reader :assignable
    attr_reader :model, :columns, :notes

    def initialize(random, values)
      @random = random
      @values = values
      @notes = []
      @columns = Array.new(2 + random.rand(7)) { |index| column(index) }
      @assignable = @columns.to_h { |column| [column.name, column.kind] }
      @key = one_in?(6) ? pick(%w[code id]) : nil # of text
      @heirs = one_in?(6)
    end

    # Calls the block while table and class are there.
    def around
      connection = ActiveRecord::Base.connection
      create_table(connection)
      define_model
      yield
    ensure
      forget_models
      connection.drop_table(TABLE, if_exists: true)
      connection.schema_cache.clear!
    end

    # @return [Class] the model or its heir
    def any_model = pick([@model, *@heir])

    # @return [String, nil] a key that is not taken, where the database makes none
    def next_key = @key && "key #{@keys = @keys.to_i + 1}"

    def note(what, value)
      @notes << "#{what} #{value.inspect}"
      value
    end

    def to_s
      lines = @columns.map { |column| "#{column.name} #{column.type} #{column.options}" }
      [*lines, "key #{@key || "of numbers"}", *notes].join("\n  ")
    end

    private

    def column(index)
      name = one_in?(25) ? pick(ODD_NAMES) + index.to_s : "c#{index}"
      return Column.new(name, pick(UNUSUAL), {}, pick(Values::KINDS)) if one_in?(20)

      type = pick(DRAWN)
      Column.new(name, type, options_of(type), TYPES.fetch(type))
    end

    def options_of(type)
      options = size_of(type)
      options[:default] = default_of(TYPES.fetch(type)) if one_in?(8)
      options
    end

    def size_of(type)
      case type
      when :datetime, :timestamp, :time then { precision: pick([nil, *0..6]) }
      when :decimal then digits_of_decimal
      when :integer then pick([{}, { limit: 2 }, { limit: 8 }])
      when :string then pick([{}, { limit: 3 }])
      else {}
      end
    end

    def digits_of_decimal
      precision = 1 + @random.rand(pick([6, 30]))
      both = { precision: precision, scale: @random.rand(precision + 1) }
      pick([{}, { precision: precision }, both, both, { precision: 20, scale: 0 }]).dup
    end

    def default_of(kind)
      value = @values.tame(kind)
      kind == :json ? JSON.generate(value) : value
    end

    def create_table(connection)
      connection.create_table(TABLE, id: @key ? false : :integer, force: true) do |table|
        table.string(@key, null: false, primary_key: true) if @key
        table.string(:type) if @heirs
        @columns.each { |column| table.column(column.name, column.type, **column.options) }
        table.timestamps(null: true)
      end
    end

    def define_model
      @model = Models.const_set(:Fuzzed, Class.new(ActiveRecord::Base))
      @model.table_name = TABLE
      @model.primary_key = @key if @key
      draw_clock
      draw_settings
      Features.new(@random, @values, self).apply
      @heir = define_heir if @heirs
    end

    # What touch writes is drawn as well, so that a program is the same each time.
    def draw_clock
      values = @values
      @model.define_singleton_method(:current_time_from_proper_timezone) do
        time = values.tame(:time)
        Settings.record.default_timezone == :local ? time.getlocal : time
      end
    end

    def draw_settings
      @model.include_root_in_json = note("root", pick(ROOTS)) if one_in?(8)
      @model.time_zone_aware_attributes = note("zone aware", false) if one_in?(10)
      @model.time_zone_aware_types = note("zone aware types", [:datetime]) if one_in?(10)
      return unless one_in?(10)

      times = @columns.select { |column| column.kind == :time }.map { |column| column.name.to_sym }
      @model.skip_time_zone_conversion_for_attributes = note("no zone for", times)
    end

    def define_heir
      heir = Models.const_set(:Heir, Class.new(@model))
      heir.attribute(@columns.first.name, note("heir's first column", :string)) if one_in?(3)
      heir
    end

    def forget_models
      %i[Heir Fuzzed].each { |name| Models.send(:remove_const, name) if Models.const_defined?(name, false) }
      ActiveRecord::Base.time_zone_aware_attributes = true # Rails 6.1 has one for all classes
      # It keeps the classes, too, that it once found by name.
      ActiveSupport::Dependencies::Reference.clear! if defined?(ActiveSupport::Dependencies::Reference)
    end
  end
end
