# frozen_string_literal: true

require "json"

module Bench
  # Whether a serializer's JSON is what Rails' as_json says, once both are parsed.
  module Difference
    module_function

    # @param text [String] a JSON array
    # @param expected [Array<Hash>] as_json of every record
    # @return [String, nil] the first difference; nil when they are equal
    def between(text, expected)
      all = JSON.parse(text)
      return "#{all.size} records, not #{expected.size}" unless all.size == expected.size

      found, wanted = all.zip(JSON.parse(JSON.generate(expected))).find { |pair| pair.uniq.size == 2 }
      return unless found

      key = (wanted.keys | found.keys).find { |name| !same?(found, wanted, name) }
      "#{key}: #{shown(found, key)}, not #{shown(wanted, key)}"
    end

    def same?(found, wanted, name)
      found.key?(name) == wanted.key?(name) && found[name] == wanted[name]
    end

    def shown(object, key)
      object.key?(key) ? JSON.generate(object[key])[0, 60] : "nothing"
    end
  end
end
