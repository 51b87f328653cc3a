# frozen_string_literal: true

module Bench
  # Ends the benchmark when a message was lost or came twice: what the sink has counted, held against what is due.
  class Guard
    # @param sink [Sink]
    def initialize(sink)
      @sink = sink
      @seen = sink.counts
    end

    # @param due [Integer] messages since the last look
    # @param gaps [Boolean] whether some were dropped on purpose, so that numbers are missing
    def check(what, due, gaps: false)
      counts = @sink.counts
      arrived, doubled, missing = %i[messages doubled missing].map { |name| counts[name] - @seen[name] }
      @seen = counts
      return if arrived == due && doubled.zero? && (gaps || missing.zero?)

      abort "#{$PROGRAM_NAME}: #{what}: #{due} messages are due, #{arrived} arrived, " \
            "#{doubled} of them again or late, #{missing} numbers missing"
    end
  end
end
