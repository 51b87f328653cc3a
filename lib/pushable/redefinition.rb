# frozen_string_literal: true

module Pushable
  # Sees that a class of which a plan was made is changed afterwards: a reader or an +as_json+ that comes later, a
  # module that is put in front of it, another +include_root_in_json+. Its plan and its subclasses' are made anew.
  # Changes of a superclass that was never serialized itself, or of a module that stands in the class already, are not
  # seen.
  # @api private
  module Redefinition
    ROOT = %i[include_root_in_json __class_attr_include_root_in_json].freeze
    private_constant :ROOT

    def include(*)
      super.tap { Redefinition.forget(self) }
    end

    def prepend(*)
      super.tap { Redefinition.forget(self) }
    end

    # Called by Active Record where columns change: +ignored_columns=+, +reset_column_information+.
    def reload_schema_from_cache(*)
      super.tap { Redefinition.forget(self) }
    end

    # @param klass [Class]
    def self.forget(klass)
      [klass, *klass.descendants].each { |changed| Plan.forget(changed) }
    end

    private

    def method_added(*)
      super
      Redefinition.forget(self)
    end

    # That is how a class_attribute is set: by a method of its name, or since Rails 8.0 of another.
    def singleton_method_added(name)
      super
      Redefinition.forget(self) if ROOT.include?(name)
    end
  end
end
