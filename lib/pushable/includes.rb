# frozen_string_literal: true

module Pushable
  # The associations that go along with a record (+include:+), in the form that as_json takes, each less its secret
  # columns.
  # @api private
  module Includes
    class << self
      # @param spec [Symbol, Array, Hash] as as_json takes it
      # @raise [ArgumentError] for one whose class, and so its secret columns, cannot be known
      # @return [Hash{Symbol => Hash}]
      def options(klass, spec)
        pairs(spec).to_h { |name, options| [name, reduced(klass, name, options)] }
      end

      # The same check without loading the other classes.
      # @raise [ArgumentError]
      def check(klass, spec)
        pairs(spec).each { |name, options| options[:only] || reflection(klass, name) || refuse(klass, name) }
      end

      private

      def pairs(spec)
        return spec.to_a if spec.is_a?(Hash)

        Array(spec).flat_map { |entry| entry.is_a?(Hash) ? entry.to_a : [[entry, {}]] }
      end

      def reduced(klass, name, options)
        return options if options[:only] && !options[:include]

        other = reflection(klass, name)&.klass || refuse(klass, name)
        options = without_secrets(other, options) unless options[:only]
        options[:include] ? options.merge(include: self.options(other, options[:include])) : options
      end

      def without_secrets(klass, options)
        options.merge(except: Array(options[:except]).map(&:to_s) | Columns.secret(klass))
      end

      def reflection(klass, name)
        found = klass.reflect_on_association(name) if klass.respond_to?(:reflect_on_association)
        found unless found&.polymorphic?
      end

      def refuse(klass, name)
        raise ArgumentError, "#{klass}: push: include: #{name.inspect} is no association of one class (it has to " \
                             "stand above its push), and which of its columns are secret is not known: " \
                             "say what goes along, include: { #{name}: { only: [...] } }"
      end
    end
  end
end
