# frozen_string_literal: true

require "oj"
require_relative "to_json"

module Bench
  module Serializers
    # Oj in place of Rails' encoder. It replaces the process's JSON methods as well, so it needs a process of its own.
    class OjOptimized < ToJson
      TITLE = "Oj.optimize_rails"
      WORD = "oj_optimized"

      def initialize(kind)
        super
        Oj.optimize_rails
      end
    end
  end
end
