# frozen_string_literal: true

module Pushable
  # The one name that Active Record classes get. A class of Active Model's that has callbacks for +create+, +update+ and
  # +destroy+ gets it by +extend Pushable::Model+, and pushes right after them, as it knows no commit.
  module Model
    CALLBACKS = %i[create update destroy touch].freeze

    # Declares what is pushed when a record of this class has been committed.
    #
    #   push                                          # create: :collections, update and destroy: both
    #   push create: :collections, update: %i[collections instances], destroy: %i[collections instances]
    #   push create: :family                          # an association's: "family_1_members"
    #   push update: ["admins", "family_%{family_id}_members"]
    #   push update: ->(member) { "owner_#{member.owner_id}" }, if: :published?, only: %i[id name]
    #
    # Targets: +:collections+ is the channel that +collection_channel+ names (several, or nil for none), by default
    # +members+ for +Member+; +:instances+ is that of +instance_channel+, by default +member_7+; the methods may be
    # private. An association's name; a String, in which %{name} is what the record's method of that name says; anything
    # to call with the record, for a name, several, or nil. Several lines add up, and subclasses inherit them. Where two
    # lines name one channel, the first that declares the event decides what it carries.
    #
    # @param line [Hash] +create+, +update+, +destroy+ => targets, and the options:
    # @option line [Symbol, #call, Array] :if the record is in the channels only when all are true: a record for which
    #   this changes enters or leaves them
    # @option line [Symbol, #call, Array] :unless the other way round
    # @option line [Array<Symbol>] :only the columns that are pushed, beside the key; secret ones among them
    # @option line [Array<Symbol>] :except columns that are not
    # @option line [Array<Symbol>] :methods as for as_json
    # @option line [Symbol, Array, Hash] :include as for as_json, less the secret columns
    # @option line [Class] :serializer made new with the record, asked as_json, serializable_hash or to_h
    # @option line [Boolean] :changes_only an update carries the key and the changed columns alone
    # @option line [Boolean] :reload read the row again after the commit: for columns that the database fills
    # @raise [ArgumentError] naming this class and the word
    # @return [void]
    def push(**line)
      declaration = Declaration.new(self, line)
      first = ancestors.grep(Class).none? { |ancestor| Model.declarations(ancestor).any? }
      Model.observe(self) if first
      Model.declare(self, declaration)
      ByHand.add_to(self) if first
      [self, *descendants].each { |klass| Plan.forget(klass) }
    end

    class << self
      # @api private
      # @return [Array<Declaration>] of this very class
      def declarations(klass)
        klass.instance_variable_get(:@_pushable_declarations) || []
      end

      # @api private
      def declare(klass, declaration)
        klass.instance_variable_set(:@_pushable_declarations, declarations(klass) + [declaration])
      end

      # @api private
      # Ours run before every other after callback, so that a record saved again in one of those is noted in order.
      def observe(klass)
        events = CALLBACKS.select { |event| klass.respond_to?(:"_#{event}_callbacks") }
        if events.empty?
          raise ArgumentError, "#{klass}: push: needs define_model_callbacks :create, :update, :destroy above it"
        end

        events.each { |event| klass.set_callback(event, :after, Hooks) }
      end
    end
  end
end
