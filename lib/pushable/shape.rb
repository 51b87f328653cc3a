# frozen_string_literal: true

module Pushable
  # What of a record goes into the object of a message: the options of one line of +push+, for one class. Read by the
  # extension, which writes the JSON itself when columns alone make it.
  # @api private
  class Shape
    # Which keys an update may call news (+changed+ on the wire).
    CHANGED = 0 # the columns that the transaction changed, and those of methods and includes
    ALL = 1     # every key: which columns they come from is not known

    # Rails' own methods on the way to a record's JSON, and where each is defined. A class that overrides one is asked
    # itself what its JSON is, after the commit.
    OWNERS = {
      as_json: "ActiveModel::Serializers::JSON",
      serializable_hash: "ActiveRecord::Serialization",
      read_attribute_for_serialization: "ActiveModel::Serialization",
      serializable_attributes: "ActiveModel::Serialization",
      attribute_names_for_serialization: "ActiveRecord::Serialization", # Rails 7.0 and up
      attributes: "ActiveRecord::AttributeMethods",
      attribute_names: "ActiveRecord::AttributeMethods",
      _read_attribute: "ActiveRecord::AttributeMethods::Read"
    }.freeze

    class << self
      # @return [Object] what the JSON of anything but a record is made of; of records in an Array or a relation what
      #   +options+ leave, less what stays out
      def render_any(value, options)
        return value.as_json(options) unless value.respond_to?(:to_ary)

        value.to_ary.map do |entry|
          plan = Plan.of(entry.class)
          plan ? plan.shape_for(options).render(entry, nil) : render_any(entry, options)
        end
      end
    end

    # @return [String, nil] why +as_json+ is asked, where it is not for single columns ({Layout#report})
    attr_reader :why

    # @return [Layout, nil]
    attr_reader :layout

    # @param keys [Array<String>] the primary key's columns
    # @param root [String, nil] around the object
    # @param options [Hash] of a line of push
    # @raise [ArgumentError] for an include whose secret columns cannot be known
    def initialize(klass, keys, root, options)
      @record = defined?(::ActiveRecord::Base) && klass < ::ActiveRecord::Base
      @root = root
      @serializer = options[:serializer]
      @changes_only = options[:changes_only]
      @columns = @record ? columns_of(klass, keys, options) : {}.freeze
      @as_json = as_json_options(klass, options).freeze
      @extra = (@as_json.fetch(:methods, []) + @as_json.fetch(:include, {}).keys).map { |name| name.to_s.freeze }.freeze
      @why = why_asked(klass)
      decide_news(klass)
      freeze
    end

    # The object, by the application's own methods.
    # @param record [Object] as it was committed
    # @param names [Array<String>, nil] the only columns wanted
    # @return [Object] what its JSON is made of
    def render(record, names)
      return serialize(@serializer.new(record)) if @serializer

      options = @as_json
      options = options.merge(only: names) if names
      strip(record.as_json(options.empty? ? nil : options.dup))
    end

    private

    def columns_of(klass, keys, options)
      shown = options[:only] ? Array(options[:only]).map(&:to_s) : klass.attribute_names - Columns.hidden(klass)
      shown = (shown - Array(options[:except]).map(&:to_s)) | keys # without its key no browser can place it
      klass.attribute_names.to_h { |name| [name, shown.include?(name)] }.freeze
    end

    def as_json_options(klass, options)
      json = options.slice(:methods).transform_values { |names| Array(names) }
      json[:include] = Includes.options(klass, options[:include]) if options[:include]
      return json.merge(options.slice(:only, :except)) unless @record

      json[:only] = shown_columns if options[:only] || options[:except]
      json
    end

    # Whether as_json has to be asked: not where it is Rails' own, and asks the columns' readers; and not even these
    # where none of them is the application's.
    def decide_news(klass)
      overridden = @why ? nil : Columns.overridden(klass)
      plain = overridden&.empty?
      @news = plain ? CHANGED : ALL
      @by_columns = plain && @extra.empty?
      @layout = Layout.new(klass.attribute_names, shown_columns, overridden) if overridden && @extra.empty?
    end

    def why_asked(klass)
      return "it is no Active Record class" unless @record
      return "its serializer is asked" if @serializer

      method = OWNERS.keys.find { |name| !rails_own?(klass, name) }
      "its #{method} is the application's" if method
    end

    def shown_columns = @columns.select { |_, shown| shown }.keys

    def rails_own?(klass, method)
      !(klass.method_defined?(method) || klass.private_method_defined?(method)) ||
        klass.instance_method(method).owner.name == OWNERS.fetch(method)
    end

    # Every object has an as_json; one of the serializer's own comes first.
    def serialize(serializer)
      return serializer.as_json if serializer.method(:as_json).owner != Object
      return serializer.serializable_hash if serializer.respond_to?(:serializable_hash)

      serializer.respond_to?(:to_h) ? serializer.to_h : serializer.as_json
    end

    # Takes out what stays out also where the class has an as_json of its own. The application's Hash is left as it is:
    # it may be kept or frozen.
    def strip(json)
      return json unless json.is_a?(Hash)
      return json.merge(@root => strip_keys(json[@root])) if @root && json[@root].is_a?(Hash)

      strip_keys(json)
    end

    def strip_keys(object)
      object.reject { |key, _| @record ? @columns[key.to_s] == false : Columns.secret_name?(key.to_s) }
    end
  end
end
