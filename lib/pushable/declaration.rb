# frozen_string_literal: true

module Pushable
  # One line of +push+ in a class, checked when the class body runs.
  # @api private
  class Declaration
    # Bits as the extension counts them.
    EVENTS = { create: 1, update: 2, destroy: 4 }.freeze
    TARGETS = %i[collections instances].freeze
    DEFAULT = { create: :collections, update: TARGETS, destroy: TARGETS }.freeze

    # @return [Class] the class that declares
    attr_reader :owner
    # @return [Hash{Symbol => Integer}] target => bits of the events pushed to it
    attr_reader :targets

    # @raise [ArgumentError] naming the class and the word
    def initialize(owner, options)
      @owner = owner
      @targets = Hash.new(0)
      (options.empty? ? DEFAULT : options).each { |event, list| add(event, list) }
      @targets.default = nil
      freeze
    end

    private

    def add(event, list)
      bit = EVENTS[event] || refuse("unknown event or option #{event.inspect}", EVENTS.keys, event)
      Array(list).each do |target|
        refuse("unknown target #{target.inspect} for #{event}:", TARGETS, target) unless TARGETS.include?(target)

        @targets[target] |= bit
      end
    end

    def refuse(text, known, word)
      near = DidYouMean::SpellChecker.new(dictionary: known).correct(word.to_s).first
      hint = near ? "did you mean #{near.inspect}?" : "known are #{known.map(&:inspect).join(", ")}"
      raise ArgumentError, "#{owner}: push: #{text} (#{hint})"
    end
  end
end
