# frozen_string_literal: true

module Fidelity
  # What both sides say of one record.
  class Comparison
    # @return [String, StandardError] JSON, or what was raised instead
    attr_reader :theirs

    def initialize(record)
      @record = record
      # Ours first: reading an attribute changes how Active Model keeps it.
      @ours = attempt { Pushable.encode(record) }
      @theirs = attempt { JSON.generate(record.as_json) }
      @theirs = attempt { JSON.generate(binary_as_text(record.as_json)) } if raised?(@theirs) && !raised?(@ours)
    end

    def both_raised? = raised?(@ours) && raised?(@theirs)

    def same?
      return both_raised? || failed_unseen? if raised?(@ours) || raised?(@theirs)

      @ours == @theirs || exact(parse(@ours)) == exact(parse(@theirs))
    end

    # @return [Hash{String => String}] what kind of difference => all about it, for each column that differs
    def differences
      return { "one raises" => sides(@ours, @theirs) } if raised?(@ours) || raised?(@theirs)

      ours, theirs = [@ours, @theirs].map { |text| parse(text) }
      names = columns(ours, theirs)
      return { "whole" => sides(ours, theirs) } if names.empty?

      ours, theirs = [ours, theirs].map { |object| inner(object) }
      names.to_h { |name| [kind(name), "#{about(name)}\n#{sides(ours[name], theirs[name])}"] }
    end

    private

    def attempt
      yield
    rescue StandardError => e
      e
    end

    def raised?(side) = side.is_a?(Exception)

    # Before 7.0, as_json casts every column, also one whose value a reader of the application's hides: where that cast
    # fails, ours has nothing to do with it.
    def failed_unseen?
      return false if ActiveRecord.version >= Gem::Version.new("7.0") || raised?(@ours)

      failing = @record.attribute_names.select { |name| raised?(attempt { @record._read_attribute(name) }) }
      failing.any? && failing.all? { |name| own_reader?(name) }
    end

    def own_reader?(name)
      owner = @record.method(name).owner
      !owner.is_a?(ActiveRecord::AttributeMethods::GeneratedAttributeMethods)
    end

    def parse(text)
      JSON.parse(text)
    rescue JSON::ParserError => e
      "no JSON: #{e.message}"
    end

    # Pushable.encode takes binary that is valid UTF-8 for text, as the JSON gem does below 3.0.
    def binary_as_text(value)
      case value
      when Hash then value.to_h { |key, inner| [key, binary_as_text(inner)] }
      when Array then value.map { |inner| binary_as_text(inner) }
      when String then value.encoding == Encoding::BINARY ? value.dup.force_encoding("UTF-8") : value
      else value
      end
    end

    # Ruby calls 1 and 1.0 equal, and 0.0 and -0.0; as text they are not. The order of keys says nothing.
    def exact(value) = JSON.generate(sorted(value))

    def sorted(value)
      case value
      when Hash then value.transform_values { |inner| sorted(inner) }.sort.to_h
      when Array then value.map { |inner| sorted(inner) }
      else value
      end
    end

    # Within a root.
    def inner(object)
      only = object.values.first if object.is_a?(Hash) && object.size == 1
      only.is_a?(Hash) && !@record.has_attribute?(object.keys.first) ? only : object
    end

    def columns(*sides)
      ours, theirs = sides.map { |side| inner(side) }
      return [] unless ours.is_a?(Hash) && theirs.is_a?(Hash)

      (ours.keys | theirs.keys).reject { |name| exact(ours.slice(name)) == exact(theirs.slice(name)) }
    end

    def attribute(name) = @record.instance_variable_get(:@attributes)[name]
    def raw(name) = attribute(name).value_before_type_cast
    def kind(name) = "#{type(name)} of #{raw(name).class}"

    # Under the zone's converter, too, which stands in for it.
    def type(name)
      type = attribute(name).type
      type.respond_to?(:__getobj__) ? "#{type.class.name.demodulize}(#{type.__getobj__.class})" : type.class.name
    end

    def about(name)
      column = @record.class.columns_hash[name]
      digits = attribute(name).type.then { |type| [type.precision, type.scale] if type.respond_to?(:scale) }
      "#{name}: #{column&.sql_type || "no column"}, #{type(name)} #{digits}, raw #{raw(name).inspect} " \
        "(#{raw(name).class}#{" #{raw(name).encoding}" if raw(name).is_a?(String)}), #{attribute(name).class}"
    end

    def sides(ours, theirs) = "  ours   #{ours.inspect}\n  theirs #{theirs.inspect}"
  end
end
