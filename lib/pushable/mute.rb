# frozen_string_literal: true

module Pushable
  # Which writes are not pushed. What counts is when a record is written, not when its transaction commits. Holds for
  # the thread (and fiber) that says so.
  # @api private
  module Mute
    # Read by the extension at every write: nil where nothing is muted.
    KEY = :pushable_muted

    class << self
      # @param klass [Class] it and its subclasses are silent while the block runs
      def during(klass)
        outer = Thread.current[KEY]
        Thread.current[KEY] = [*outer, klass].freeze
        yield
      ensure
        Thread.current[KEY] = outer
      end

      # @return [Boolean] whether what is written now to a record of this class is not pushed
      def covers?(klass)
        muted = Thread.current[KEY]
        !muted.nil? && muted.any? { |each| klass <= each }
      end
    end
  end
end
