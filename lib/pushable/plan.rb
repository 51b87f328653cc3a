# frozen_string_literal: true

module Pushable
  # What is decided once about one class, and read by the extension at every save. Hangs on the class itself.
  # @api private
  class Plan
    # One target of one line, as the extension reads it.
    class Rule
      # Bits as the extension counts them.
      BITS = { create: 1, update: 2, destroy: 4 }.freeze

      # @param options [Hash] of the line
      # @param record [Boolean] whether there is a row to read again
      def initialize(name, events, target, shape, options, record:)
        @name = name
        @events = events.sum { |event| BITS.fetch(event) }
        @target = target.kind
        @value = target.value
        @conditions = flat(options[:if], options[:unless])
        @columns = target.columns if @conditions.nil?
        @shape = shape
        @reload = record && options[:reload]
        freeze
      end

      # @return [Boolean] whether its channels are the same for all records
      def fixed? = @columns ? @columns.empty? : false

      # @return [Boolean] whether the row is read again after the commit
      def reload? = @reload ? true : false

      private

      # Whether it has to be true, then what to ask, and so on; nil for none.
      def flat(wanted, unwanted)
        list = Array(wanted).flat_map { |condition| [true, condition] } +
               Array(unwanted).flat_map { |condition| [false, condition] }
        list.freeze unless list.empty?
      end
    end

    # What as_json takes too, and a line of push.
    ENCODE_OPTIONS = %i[only except methods include].freeze

    # Of a class, before they are made anew.
    MOST_SHAPES = 100

    @told = Set.new

    class << self
      # @return [Set<String>] the classes whose secret columns were named in the log
      attr_reader :told

      # @!method forget(klass)
      #   Defined by the extension.

      # @!method made(klass)
      #   Defined by the extension.
      #   @return [Plan, nil] the one that the class has, if it was made

      # @return [Plan, nil] the class's, made now if it has none
      def of(klass)
        made(klass) || self.for(klass)
      end

      # New settings: every class decides again.
      def forget_all
        classes.each { |klass| forget(klass) }
      end

      # @return [Hash] {Pushable.serializer_report}
      def report
        classes.select { |klass| made(klass) }.to_h do |klass|
          shape = made(klass).shape
          [klass.name || klass.inspect, shape.layout ? shape.layout.report : shape.why]
        end
      end

      # @return [Plan, nil] nil for anything that is neither an Active Record class with a table nor one that pushes
      def for(klass)
        if defined?(::ActiveRecord::Base) && klass <= ::ActiveRecord::Base
          new(klass) unless klass.abstract_class? || klass == ::ActiveRecord::Base
        elsif klass.is_a?(Model)
          new(klass)
        end
      end

      private

      # Active Record is not loaded only for this.
      def classes
        return [] if !defined?(::ActiveRecord::Base) || ::ActiveRecord.autoload?(:Base)

        ::ActiveRecord::Base.descendants
      end
    end

    def initialize(klass)
      @record = defined?(::ActiveRecord::Base) && klass < ::ActiveRecord::Base
      @keys = ["id"].freeze
      @timestamps = @readonly = [].freeze
      read_columns(klass) if @record
      klass.extend(Redefinition)
      @root = root_of(klass)
      @shapes = Hash.new { |shapes, options| shapes[options] = Shape.new(klass, @keys, @root, options) }
      @shape = @shapes[{}]
      @rules = rules_of(klass).freeze
      @fixed = @rules.all?(&:fixed?)
      @reload = @rules.any?(&:reload?)
      tell_secrets(klass)
      freeze
    end

    # @return [Shape] what a line without options carries
    attr_reader :shape

    # @param options [Hash] +only+, +except+, +methods+, +include+
    # @return [Shape] kept, as a call that has the same options will follow
    # @raise [ArgumentError] naming an option that there is not
    def shape_for(options)
      @shapes.fetch(options) do
        unknown = options.keys - ENCODE_OPTIONS
        raise ArgumentError, "Pushable.encode: unknown option #{unknown.first.inspect}" if unknown.any?

        @shapes.clear if @shapes.size > MOST_SHAPES # options made up for each call
        @shapes[options.dup.freeze]
      end
    end

    private

    def read_columns(klass)
      klass.define_attribute_methods
      @keys = Array(klass.primary_key).map { |name| name.dup.freeze }.freeze
      @timestamps = klass.send(:timestamp_attributes_for_update_in_model).dup.freeze
      @readonly = klass.readonly_attributes.map { |name| name.dup.freeze }.freeze
    end

    def root_of(klass)
      root = klass.include_root_in_json if klass.respond_to?(:include_root_in_json)
      return unless root

      (root == true ? klass.model_name.element : root.to_s).dup.freeze
    end

    def rules_of(klass)
      declarations = klass.ancestors.grep(Class).reverse.flat_map { |ancestor| Model.declarations(ancestor) }
      declarations.flat_map { |declaration| rules_for(klass, declaration) }
    end

    def rules_for(klass, declaration)
      options = declaration.options
      shape = @shapes[options.slice(:only, :except, :methods, :include, :serializer, :changes_only)]
      declaration.targets.map do |target, events|
        Rule.new(target.inspect.freeze, events, Target.compile(klass, declaration.owner, target), shape, options,
                 record: @record)
      end
    end

    # Whoever misses a column in the browser finds out why.
    def tell_secrets(klass)
      return unless @record && @rules.any? && Plan.told.add?(klass.name || klass.inspect)

      secret = Columns.secret(klass)
      Pushable.logger.info("pushable: #{klass} leaves out #{secret.join(", ")}: only: can name them") if secret.any?
    end
  end
end
