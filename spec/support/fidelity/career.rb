# frozen_string_literal: true

require_relative "draws"

module Fidelity
  # One record, and what becomes of it: a random row of states.
  class Career
    include Draws

    FIRST = %i[build build create create create write instantiate].freeze
    # What may follow, a step each.
    NEXT = %i[load load load reload select computed update update update assign nothing save save touch read read_all
              mutate duplicate clone_it becomes_itself destroy freeze_it write write instantiate bypass restore marshal
              redraw].freeze
    STATES = (FIRST | NEXT).freeze
    # Psych, where it cannot write a value as YAML: it has no class of its own for that.
    PSYCH = ->(error) { error.instance_of?(RuntimeError) && error.backtrace.first.include?("/psych/") }
    # How Rails, the database or Ruby refuses what it is asked for.
    REFUSALS = [ActiveRecord::ActiveRecordError, ActiveModel::MissingAttributeError, RangeError, ArgumentError,
                EncodingError, TypeError, NoMethodError, FrozenError, JSON::JSONError, Psych::Exception,
                PSYCH].freeze

    attr_reader :steps, :record, :state, :refused

    # @param tame [Boolean] whether it begins with values as an application writes them
    def initialize(random, values, schema, settings, tame:)
      @random = random
      @values = values
      @schema = schema
      @settings = settings
      @tame = tame
      @steps = []
      @refused = []
    end

    # Calls the block with the record after each step.
    def run(length)
      step(pick(FIRST))
      yield if @record
      (length - 1).times do
        @tame &&= !one_in?(2)
        step(pick(NEXT))
        yield if @record
      end
    end

    private

    # What is refused leaves the record in a state as good as any other.
    def step(name)
      @state = name
      @steps << name.to_s
      send(name)
    rescue StandardError => e
      raise unless REFUSALS.any? { |refusal| refusal === e } # rubocop:disable Style/CaseEquality -- classes and PSYCH

      @refused << e.class
      @steps << "(#{e.class})"
    end

    def build
      @record = @schema.any_model.new
      @record.id = @schema.next_key if @schema.next_key
      assign
    end

    def create
      build
      save
    end

    # The row, written past Active Record.
    def write
      id = stored_id || insert
      names = some(@schema.columns)
      pairs = names.map { |column| "#{connection.quote_column_name(column.name)} = #{@values.sql(column.kind)}" }
      @steps.last << " #{pairs.join(", ")}"
      connection.execute("UPDATE #{Schema::TABLE} SET #{pairs.join(", ")} WHERE #{key} = #{connection.quote(id)}")
      @record = @schema.model.unscoped.find_by(@schema.model.primary_key => id)
    end

    def insert
      record = @schema.any_model.new
      record.id = @schema.next_key if @schema.next_key
      record.save!
      record.id
    end

    # Any object may be what a database's driver gives: some make decimals, times and booleans themselves.
    def instantiate
      row = some(@schema.columns).to_h { |column| [column.name, @values.draw(column.kind)] }
      @steps.last << " #{row}"
      @record = @schema.model.instantiate(row)
    end

    def load = fetch { |rows| rows }
    def reload = @record.reload

    def select
      names = some(@schema.columns).map { |column| connection.quote_column_name(column.name) }
      fetch { |rows| rows.select(*(one_in?(2) ? [key] : []), *names) }
    end

    # Columns that the query makes: new names, names of methods, names of columns.
    def computed
      expression = @values.sql(pick(Values::KINDS))
      name = connection.quote_column_name(pick(["extra", "name", "to_param", "größe", pick(@schema.columns).name]))
      @steps.last << " #{expression} AS #{name}"
      fetch { |rows| rows.select("#{one_in?(2) ? "#{Schema::TABLE}.*" : key}, #{expression} AS #{name}") }
    end

    def fetch
      id = stored_id or return
      @record = yield(@schema.model.unscoped.where(@schema.model.primary_key => id)).first
    end

    def assign
      values = some(@schema.assignable.to_a).to_h.transform_values { |kind| @values.send(@tame ? :tame : :draw, kind) }
      @steps.last << " #{values}"
      values.each { |name, value| @record.public_send(:"#{name}=", value) }
    end

    def nothing
      @record.public_send(:"#{pick(@schema.assignable.keys)}=", nil)
    end

    def save = @record.save!

    def update
      assign
      save
    end

    def touch = @record.touch
    def read = @record.send(pick(@schema.assignable.keys))
    def read_all = @record.attributes

    # In place, without an assignment.
    def mutate
      value = @record.read_attribute(pick(@schema.assignable.keys))
      case value
      when String then value << "ü"
      when Hash then value["added"] = @values.json
      when Array then value << @values.json
      end
    end

    def duplicate = @record = @record.dup
    def clone_it = @record = @record.clone
    def becomes_itself = @record = @record.becomes(@schema.any_model)
    def destroy = @record.destroy!
    def freeze_it = @record.freeze
    def restore = @record.restore_attributes
    def marshal = @record = Marshal.load(Marshal.dump(@record))

    def bypass
      name, kind = pick(@schema.assignable.to_a)
      @record.update_columns(name => @values.draw(kind))
    end

    # Not of the record: the settings it is shown with.
    def redraw
      @settings.redraw
      @steps.last << " #{@settings}"
    end

    def stored_id = @record&.persisted? ? @record.id_in_database : nil
    def connection = ActiveRecord::Base.connection
    def key = connection.quote_column_name(@schema.model.primary_key)
    def some(list) = list.sample(1 + @random.rand(list.size), random: @random)
  end
end
