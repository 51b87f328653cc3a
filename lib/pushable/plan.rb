# frozen_string_literal: true

module Pushable
  # What is decided once about one class, and read by the extension at every save. Hangs on the class itself.
  # @api private
  class Plan
    # One target as the extension reads it.
    class Rule
      CONSTANT = 0
      METHOD = 1
      INSTANCE = 2

      def initialize(events:, target:, value:, name:)
        @events = events
        @target = target
        @value = value
        @name = name
        freeze
      end
    end

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
      # @!method forget(klass)
      #   Defined by the extension.

      # New settings: every class decides again. Active Record is not loaded only for this.
      def forget_all
        return if !defined?(::ActiveRecord::Base) || ::ActiveRecord.autoload?(:Base)

        ::ActiveRecord::Base.descendants.each { |klass| forget(klass) }
      end

      # @return [Plan, nil] nil for anything that is not an Active Record class with a table
      def for(klass)
        return unless defined?(::ActiveRecord::Base) && klass < ::ActiveRecord::Base && !klass.abstract_class?

        new(klass)
      end
    end

    def initialize(klass)
      klass.define_attribute_methods
      @columns = klass.attribute_names.to_h { |name| [name, !hidden?(klass, name)] }.freeze
      @keys = Array(klass.primary_key).map { |name| name.dup.freeze }.freeze
      @root = root_of(klass)
      @plain = plain?(klass)
      @timestamps = klass.send(:timestamp_attributes_for_update_in_model).dup.freeze
      @rules = rules_of(klass).freeze
      freeze
    end

    private

    def hidden?(klass, name)
      name == klass.inheritance_column ||
        Pushable.config.secret_columns&.match?(name) ||
        (klass.respond_to?(:encrypted_attributes) && klass.encrypted_attributes&.include?(name.to_sym)) ||
        klass.method_defined?(:"regenerate_#{name}") # has_secure_token
    end

    def root_of(klass)
      root = klass.include_root_in_json
      return unless root

      (root == true ? klass.model_name.element : root.to_s).dup.freeze
    end

    def plain?(klass)
      rails_own = OWNERS.all? do |method, owner|
        !(klass.method_defined?(method) || klass.private_method_defined?(method)) ||
          klass.instance_method(method).owner.name == owner
      end
      rails_own && klass.attribute_names.all? { |name| generated_reader?(klass, name) }
    end

    def generated_reader?(klass, name)
      return false unless klass.method_defined?(name)

      owner = klass.instance_method(name).owner
      owner.is_a?(::ActiveRecord::AttributeMethods::GeneratedAttributeMethods) ||
        (name == "id" && klass.primary_key == "id" && owner == ::ActiveRecord::AttributeMethods::PrimaryKey)
    end

    def rules_of(klass)
      declarations = klass.ancestors.grep(Class).reverse.flat_map { |ancestor| Model.declarations(ancestor) }
      declarations.flat_map { |declaration| rules_for(klass, declaration) }
    end

    def rules_for(klass, declaration)
      declaration.targets.map do |target, events|
        kind, value = target == :collections ? collections(klass, declaration) : instances(klass, declaration)
        Rule.new(events: events, target: kind, value: value, name: target.inspect)
      end
    end

    # The default names come from the class that declares, so that a subclass lands in its parent's collection.
    def collections(klass, declaration)
      return [Rule::METHOD, :collection_channel] if own_method?(klass, :collection_channel)

      [Rule::CONSTANT, declaration.owner.name.underscore.pluralize.freeze]
    end

    def instances(klass, declaration)
      return [Rule::METHOD, :instance_channel] if own_method?(klass, :instance_channel)

      [Rule::INSTANCE, declaration.owner.name.underscore.freeze]
    end

    # A column or an association that happens to have the name is no channel.
    def own_method?(klass, name)
      return false unless klass.method_defined?(name) || klass.private_method_defined?(name)

      owner = klass.instance_method(name).owner
      return owner.is_a?(Class) if klass.reflect_on_association(name)

      !owner.is_a?(::ActiveRecord::AttributeMethods::GeneratedAttributeMethods)
    end
  end
end
