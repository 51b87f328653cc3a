# frozen_string_literal: true

module Pushable
  # What there is to know about the columns of an Active Record class.
  # @api private
  module Columns
    class << self
      # @return [Array<String>] that stay out of what is pushed: the inheritance column, as in as_json, and the secret
      def hidden(klass)
        klass.attribute_names.select { |name| name == klass.inheritance_column || secret?(klass, name) }
      end

      # @return [Array<String>] passwords, tokens and what is encrypted
      def secret(klass)
        klass.attribute_names.select { |name| secret?(klass, name) }
      end

      # @return [Boolean] by its name alone
      def secret_name?(name)
        Pushable.config.secret_columns&.match?(name) || false
      end

      # @return [Boolean] whether the readers of all these names are those that Active Record made for columns
      def all_plain?(klass, names)
        klass < ::ActiveRecord::Base && names.all? { |name| plain?(klass, name) }
      end

      # @return [Array<String>] the columns whose reader is not the one that Active Record made
      def overridden(klass)
        klass.attribute_names.reject { |name| plain?(klass, name) }
      end

      # @param owner [Module] of a method
      # @return [Boolean] whether Active Record made the method for a column
      def generated?(owner)
        defined?(::ActiveRecord::Base) && owner.is_a?(::ActiveRecord::AttributeMethods::GeneratedAttributeMethods)
      end

      private

      def secret?(klass, name)
        secret_name?(name) ||
          (klass.respond_to?(:encrypted_attributes) && klass.encrypted_attributes&.include?(name.to_sym)) ||
          klass.method_defined?(:"regenerate_#{name}") # has_secure_token
      end

      def plain?(klass, name)
        return false unless klass.attribute_names.include?(name) && klass.method_defined?(name)

        owner = klass.instance_method(name).owner
        generated?(owner) ||
          (name == "id" && klass.primary_key == "id" && owner == ::ActiveRecord::AttributeMethods::PrimaryKey)
      end
    end
  end
end
