# frozen_string_literal: true

require "open3"
require_relative "program"

module Bench
  # The plain C program that does nothing but post (limit.c), in a process of its own for every turn.
  class Limit
    TITLE = "a plain C program"
    WORD = "c"

    # @param object [String] JSON
    def initialize(url, object)
      @program = Program.compile("limit", %w[limit.c], libraries: %w[-lcurl])
      @url = url
      @object = object
      @turns = 0
    end

    # @return [Array(Float, Float)] microseconds on the clock, and of CPU
    def turn(messages, batch)
      source = "limit#{@turns += 1}"
      output, status = Open3.capture2(@program, @url, source, @object, batch.to_s, messages.to_s)
      abort "#{$PROGRAM_NAME}: the C program failed" unless status.success?

      output.split.map { |seconds| Float(seconds) * 1_000_000 }
    end
  end
end
