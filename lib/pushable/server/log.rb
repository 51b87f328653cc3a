# frozen_string_literal: true

module Pushable
  module Server
    # What the server tells the person who started it: one line an event, a few lines of a kind each second, a message's
    # content with verbose=debug only, and a key or token never.
    class Log
      LONGEST = 300
      # Tokens, keys, and what an Authorization header holds, should a text ever quote one.
      SECRET = /\bv1\.\d+\.[\w-]+|\b\h{64}\b|(?<=\bBearer |\bBasic )\S+/i
      private_constant :LONGEST, :SECRET

      # @param verbose [Boolean, :debug] whether {#info} says anything, and {#debug}
      def initialize(verbose:, out: $stdout, err: $stderr)
        @verbose = verbose
        @out = out
        @err = err
        @out.sync = true
        @throttle = Throttle.new
      end

      # @return [Boolean]
      def verbose?
        @verbose ? true : false
      end

      # @return [Boolean] whether messages may be shown
      def debug?
        @verbose == :debug
      end

      # Said always, and whole.
      def say(text)
        @out.puts(text)
      end

      # Said with verbose=true.
      #
      # @param kind [String] what it is, in a few words: each kind has so many lines a second
      def info(text, kind: "other lines")
        write(@out, kind, text) if @verbose
      end

      # Said with verbose=debug.
      def debug(text, kind: "messages shown")
        write(@out, kind, text) if debug?
      end

      # Something that is wrong; said always.
      def warn(text, kind: "warnings")
        write(@err, kind, text)
      end

      # An exception that nobody expected; said always.
      def error(exception)
        place = exception.backtrace&.first
        warn("error: #{exception.class}: #{exception.message}#{" (#{place})" if place}", kind: exception.class.name)
      end

      # Tells of the lines that were too many in a second gone by. To be called now and then.
      def catch_up
        @throttle.turn { |(stream, kind), count| stream.puts(line("#{count} more: #{kind}")) }
      end

      private

      def write(stream, kind, text)
        catch_up
        stream.puts(line(text)) if @throttle.admit?([stream, kind])
      end

      # Texts may hold what a stranger sent: one line it stays, and a short one.
      def line(text)
        clean = String.new(text, encoding: Encoding::UTF_8).scrub("?")
        clean = clean.gsub(/[[:cntrl:]]+/, " ").gsub(SECRET, "[hidden]")
        clean = "#{clean[0, LONGEST]}…" if clean.length > LONGEST
        "#{Time.now.strftime("%H:%M:%S")} #{clean}"
      end
    end
  end
end
