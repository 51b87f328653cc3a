# frozen_string_literal: true

module Pushable
  module Server
    # What the server tells the person who started it: one line an event; a message's content with verbose=debug only.
    class Log
      LONGEST = 300
      private_constant :LONGEST

      # @param verbose [Boolean, :debug] whether {#info} says anything, and {#debug}
      def initialize(verbose:, out: $stdout, err: $stderr)
        @verbose = verbose
        @out = out
        @err = err
        @out.sync = true
      end

      # @return [Boolean]
      def verbose?
        @verbose ? true : false
      end

      # @return [Boolean] whether messages may be shown
      def debug?
        @verbose == :debug
      end

      # Said always.
      def say(text)
        @out.puts(text)
      end

      # Said with verbose=true.
      def info(text)
        @out.puts(line(text)) if @verbose
      end

      # Said with verbose=debug.
      def debug(text)
        @out.puts(line(text)) if debug?
      end

      # Something that is wrong; said always.
      def warn(text)
        @err.puts(line(text))
      end

      # An exception that nobody expected; said always.
      def error(exception)
        place = exception.backtrace&.first
        warn("error: #{exception.class}: #{exception.message}#{" (#{place})" if place}")
      end

      private

      # Texts may hold what a stranger sent: one line it stays, and a short one.
      def line(text)
        clean = text.scrub("?").gsub(/[[:cntrl:]]+/, " ")
        clean = "#{clean[0, LONGEST]}…" if clean.length > LONGEST
        "#{Time.now.strftime("%H:%M:%S")} #{clean}"
      end
    end
  end
end
