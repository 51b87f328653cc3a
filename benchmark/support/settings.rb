# frozen_string_literal: true

module Bench
  # What the environment says about a run.
  module Settings
    module_function

    # @param name [String] of the variable
    # @return [Integer] positive; anything else ends the benchmark
    def number(name, default)
      text = ENV.fetch(name, default)
      value = Integer(text, exception: false)
      return value if value&.positive?

      abort "#{$PROGRAM_NAME}: #{name} is a positive whole number, got #{text.inspect}"
    end
  end
end
