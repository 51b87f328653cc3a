# frozen_string_literal: true

module Pushable
  # What the extension has learned of the columns that a shape shows: how each is written at the least cost, and why not
  # where it is not. The rest of this class is in the extension.
  # @api private
  class Layout
    # @!method self.new(names, shown, overridden)
    #   @param names [Array<String>] of all columns
    #   @param shown [Array<String>] of those that go into the JSON
    #   @param overridden [Array<String>] of those whose reader is the application's

    # @!method report
    #   @return [Hash{String => String, nil}] by the name of a shown column why its values go by +as_json+; nil where
    #     they are written without

    # Called by the extension, once for each.
    # @param name [String, nil] of a column; nil for the whole class
    def self.tell(klass, name, why)
      Pushable.logger.info("pushable: #{[klass, name].compact.join("#")} goes by as_json: #{why}")
    end
  end
end
