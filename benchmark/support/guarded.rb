# frozen_string_literal: true

require_relative "callgrind"

module Bench
  # The instructions that the test run watches: our C and what it calls, nothing of the save around it.
  module Guarded
    FUNCTIONS = %w[pushable_encode hooks_after_create hooks_after_update participant_before_committed
                   participant_committed].freeze
    RECORDS = 60

    module_function

    # @return [Hash{String => Integer}] name => instructions a record
    def count
      Callgrind.count("guarded_inside.rb", RECORDS, within: FUNCTIONS).transform_values { |count| count / RECORDS }
    end
  end
end
