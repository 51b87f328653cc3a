# frozen_string_literal: true

module Pushable
  # One line of +push+ in a class, checked when the class body runs.
  # @api private
  class Declaration
    EVENTS = %i[create update destroy].freeze
    OPTIONS = %i[if unless only except methods include serializer changes_only reload].freeze
    TARGETS = %i[collections instances].freeze
    DEFAULT = { create: :collections, update: TARGETS, destroy: TARGETS }.freeze

    # @return [Class] the class that declares
    attr_reader :owner
    # @return [Hash{Symbol, String, #call => Array<Symbol>}] target as written => the events pushed to it
    attr_reader :targets
    # @return [Hash{Symbol => Object}] the options as written
    attr_reader :options

    # @raise [ArgumentError] naming the class and the word
    def initialize(owner, line)
      @owner = owner
      @options, events = line.partition { |word, _| OPTIONS.include?(word) }.map(&:to_h)
      check_options
      @targets = {}
      (events.empty? ? DEFAULT : events).each { |event, list| add(event, list) }
      [@targets, @options].each(&:freeze)
      freeze
    end

    private

    def add(event, list)
      unless EVENTS.include?(event)
        refuse("unknown event or option #{event.inspect}", EVENTS + OPTIONS, event, shown: EVENTS)
      end

      (list.is_a?(Array) ? list : [list]).each do |target|
        check_target(target, event)
        (@targets[target] ||= []) << event
      end
    end

    def check_target(target, event)
      case target
      when Symbol then check_name(target, event)
      when String then check_text(target, event)
      else
        return if target.respond_to?(:call)

        refuse("unknown target #{target.inspect} for #{event}: a target is :collections, :instances, an association, " \
               "a String, something to call, or several of these in an Array")
      end
    end

    def check_name(target, event)
      return if TARGETS.include?(target) || association?(target)

      refuse("unknown target #{target.inspect} for #{event}: it is no association (one has to stand above its push)",
             TARGETS, target)
    end

    def association?(name)
      @owner.respond_to?(:reflect_on_association) && @owner.reflect_on_association(name)
    end

    def check_text(target, event)
      return unless target.empty? || target.split("/", -1).any?(&:empty?)

      refuse("#{target.inspect} for #{event}: cannot be a channel: it is empty, or something between two / is")
    end

    def check_options
      %i[if unless].each { |name| Array(@options[name]).each { |condition| check_condition(name, condition) } }
      %i[only except methods].each { |name| check_names(name) if @options.key?(name) }
      Includes.check(@owner, @options[:include]) if @options[:include]
      check_serializer if @options[:serializer]
    end

    def check_condition(name, condition)
      return if condition.is_a?(Symbol) || condition.respond_to?(:call)

      refuse("#{name}: is a method's name or something to call, got #{condition.inspect}")
    end

    def check_names(name)
      wrong = Array(@options[name]).grep_v(Symbol).grep_v(String)
      refuse("#{name}: is a name or several, got #{wrong.first.inspect}") unless wrong.empty?
    end

    def check_serializer
      serializer = @options[:serializer]
      refuse("serializer: is a class that is made new with the record, got #{serializer.inspect}") unless
        serializer.respond_to?(:new)

      others = %i[only except methods include changes_only].select { |name| @options[name] }
      refuse("serializer: decides all by itself, #{others.first}: does not go with it") if others.any?
    end

    # known - what the word may have been meant for.
    def refuse(text, known = [], word = nil, shown: known)
      near = DidYouMean::SpellChecker.new(dictionary: known).correct(word.to_s).first
      hint = near ? "did you mean #{near.inspect}?" : "known are #{shown.map(&:inspect).join(", ")}"
      raise ArgumentError, "#{owner}: push: #{text}#{" (#{hint})" if known.any?}"
    end
  end
end
