# frozen_string_literal: true

module Pushable
  # The one name that Active Record classes get.
  module Model
    CALLBACKS = %i[create update destroy touch].freeze

    # Declares what is pushed when a record of this class has been committed.
    #
    #   push                                   # create: :collections, update and destroy: both
    #   push create: :collections, update: %i[collections instances], destroy: %i[collections instances]
    #
    # +:collections+ is the channel that +collection_channel+ names (several, or nil for none), by default +members+ for
    # +Member+; +:instances+ is that of +instance_channel+, by default +member_7+. The methods may be private. Several
    # lines add up, and subclasses inherit them.
    #
    # @param events [Hash{Symbol => Symbol, Array<Symbol>}] +create+, +update+, +destroy+ => targets
    # @raise [ArgumentError] naming this class and the word
    # @return [void]
    def push(**events)
      declaration = Declaration.new(self, events)
      first = ancestors.grep(Class).none? { |ancestor| Model.declarations(ancestor).any? }
      Model.declare(self, declaration)
      Model.observe(self) if first
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
        CALLBACKS.each { |event| klass.set_callback(event, :after, Hooks) }
      end
    end
  end
end
