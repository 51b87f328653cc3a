# frozen_string_literal: true

module Pushable
  # Channels by name: what an application calls them.
  # @api private
  module Channel
    class << self
      # @!method wire(name)
      #   Defined by the extension.
      #   @param name [String]
      #   @return [String] as it is written on the wire: "/sync/family_1_members"
      #   @raise [ArgumentError] for a name that cannot be

      # @param target [String, Symbol, Object] a name, or a record that has a channel of its own
      # @return [String] the name
      # @raise [ArgumentError]
      def name_of(target)
        return target.to_s if target.is_a?(String) || target.is_a?(Symbol)

        names = instance_names(target)
        return names.first if names.one?

        raise ArgumentError, "the #{target.class} has #{names.size} channels of its own; name the one you mean"
      end

      private

      def instance_names(record)
        klass = record.class
        declaration = klass.ancestors.grep(Class).reverse.flat_map { |ancestor| Model.declarations(ancestor) }
                           .find { |each| each.targets.include?(:instances) }
        raise ArgumentError, "#{klass} pushes nothing to :instances; name a channel" unless declaration
        raise ArgumentError, "the #{klass} is new: nobody can hold it" if record.try(:new_record?)

        target = Target.compile(klass, declaration.owner, :instances)
        Direct.names(record, target.kind, target.value)
      end
    end
  end
end
