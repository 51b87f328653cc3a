# frozen_string_literal: true

module Pushable
  # Turns a target as it was written into what the extension asks a record for its channels with: a kind and a value.
  # @api private
  class Target
    # The extension's enum rb_pu_target.
    CONSTANT = 0 # the channel
    INSTANCE = 1 # what stands before the key
    FORMAT = 2   # an Array of Strings and of Symbols, methods of the record; nil from one of them: no channel
    ASK = 3      # a method's Symbol, a Proc, or something to call with the record

    # @return [Integer]
    attr_reader :kind
    # @return [Object]
    attr_reader :value
    # @return [Array<String>, nil] the columns that decide; nil when only the application knows
    attr_reader :columns

    # The channels of the records that an association leads to. They are read from the database, not through the
    # record: it would keep them, and what it keeps may be old.
    class Association
      def initialize(reflection, collection)
        @name = reflection.name
        @collection = collection
      end

      def call(record)
        others = record.association(@name).scope
        others = others.limit(1) unless record.association(@name).reflection.collection?
        others.map { |other| Target.channel_of(other.class.base_class, Array(other.id).join("_"), @collection) }
      end
    end

    # The channel of a polymorphic association, whose columns name the other record.
    class Polymorphic
      def initialize(reflection, collection)
        @type = reflection.foreign_type.to_sym
        @key = reflection.foreign_key.to_sym
        @collection = collection
      end

      def call(record)
        type = record.public_send(@type)
        key = record.public_send(@key)
        Target.channel_of(type, key, @collection) if type && key
      end
    end

    class << self
      # @return [String] "family_1_members"
      def channel_of(name, key, collection)
        "#{name.to_s.underscore}_#{key}_#{collection}"
      end

      # @param klass [Class] that the plan is made for: the one that declares, or a subclass
      # @param owner [Class] that declares: default names come from it, so a subclass lands in its parent's collection
      # @param target [Symbol, String, #call] as written
      # @return [Target]
      def compile(klass, owner, target)
        case target
        when :collections then own(klass, :collection_channel) || new(CONSTANT, collection_of(owner), [])
        when :instances then own(klass, :instance_channel) || new(INSTANCE, owner.name.underscore.freeze, [])
        when Symbol then association(klass, owner, target)
        when String then text(klass, target)
        else new(ASK, target, nil)
        end
      end

      private

      def collection_of(owner)
        owner.name.underscore.pluralize.freeze
      end

      # A column or an association that happens to have the name is no channel.
      def own(klass, name)
        return unless klass.method_defined?(name) || klass.private_method_defined?(name)

        owner = klass.instance_method(name).owner
        if klass.respond_to?(:reflect_on_association) && klass.reflect_on_association(name) && !owner.is_a?(Class)
          return
        end

        new(ASK, name, nil) unless Columns.generated?(owner)
      end

      def text(klass, target)
        parts = target.split(/(%\{\w+[?!]?\})/).reject(&:empty?)
                      .map { |part| part =~ /\A%\{(.+)\}\z/ ? Regexp.last_match(1).to_sym : part.freeze }
        return new(CONSTANT, target.dup.freeze, []) if parts.none?(Symbol)

        names = parts.grep(Symbol).map(&:to_s)
        new(FORMAT, parts.freeze, Columns.all_plain?(klass, names) ? names : nil)
      end

      def association(klass, owner, name)
        reflection = klass.reflect_on_association(name)
        collection = collection_of(owner)
        return new(ASK, Association.new(reflection, collection), nil) unless by_key?(reflection)

        key = reflection.foreign_key
        columns = [key, (reflection.foreign_type if reflection.polymorphic?)].compact
        columns = nil unless Columns.all_plain?(klass, columns)
        return new(ASK, Polymorphic.new(reflection, collection), columns) if reflection.polymorphic?

        new(FORMAT, key_format(reflection.klass.base_class, key.to_sym, collection), columns)
      end

      # A foreign key tells the channel without the other record, which may be gone with this one.
      def by_key?(reflection)
        reflection.belongs_to? && reflection.foreign_key.is_a?(String) &&
          (reflection.polymorphic? || reflection.association_primary_key == reflection.klass.primary_key)
      end

      def key_format(klass, key, collection)
        before, after = channel_of(klass.name, "%", collection).split("%", 2)
        [before.freeze, key, after.freeze].freeze
      end
    end

    def initialize(kind, value, columns)
      @kind = kind
      @value = value
      @columns = columns&.map { |name| name.dup.freeze }&.freeze
      freeze
    end
  end
end
