# frozen_string_literal: true

module Pushable
  module Server
    # Whether this server can do its work. Each part that may stop doing its own brings a check.
    #
    #   health.check { "Redis cannot be reached" unless connected? }
    #
    # Used in EventMachine's thread alone.
    class Health
      def initialize
        @checks = []
      end

      # @yieldreturn [String, nil] what is wrong, in a few words for a person
      def check(&what_is_wrong)
        @checks << what_is_wrong
      end

      # @return [Array<String>] all that is wrong
      def troubles
        @checks.filter_map(&:call)
      end
    end
  end
end
