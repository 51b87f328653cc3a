# frozen_string_literal: true

require "openssl"

module Pushable
  module Server
    # The log that several servers have in common, as a stream in Redis. Each entry's id is its place, `epoch-seq`: seq
    # counts without a gap, and a stream that was lost, wholly or its end, goes on in a new epoch. So a reader that is
    # handed the next number has missed nothing.
    #
    # One connection; not for several threads at a time. Every method may raise RedisClient::Error.
    class Stream
      KEY = "pushable:stream"
      SCRIPT = File.read(File.join(__dir__, "append.lua")).freeze
      SHA = OpenSSL::Digest::SHA1.hexdigest(SCRIPT).freeze # what Redis knows it by
      # Entries that are read at once: what the event loop is kept busy with before it looks after others.
      AT_ONCE = 100
      private_constant :SCRIPT, :SHA

      # at: when it was added, in ms by the clock of Redis; text: the message, nil in the first entry of an epoch.
      Entry = Struct.new(:epoch, :seq, :at, :text) do
        def id = "#{epoch}-#{seq}"

        def self.read((id, fields))
          fields = fields.each_slice(2).to_h
          new(*id.split("-").map(&:to_i), fields["at"].to_i, fields["message"])
        end
      end

      # @param config [RedisClient::Config]
      # @param length [Integer] about how many entries are kept
      def initialize(config, length:)
        @redis = RedisClient.new(config)
        @length = length
      end

      # Adds messages in this order, all of them at one place of the log. When the stream is not the one in which the
      # place is, it begins a new one, and that with no messages, too.
      #
      # @param texts [Array<String>]
      # @param place [Entry, nil] the last one that was read
      def append(texts, place)
        arguments = [1, KEY, @length, place ? place.id : "0-0", place ? place.at : 0, *texts]
        @redis.call("EVALSHA", SHA, *arguments)
      rescue RedisClient::NoScriptError
        @redis.call("EVAL", SCRIPT, *arguments)
      end

      # Waits for what comes next.
      #
      # @param place [Entry]
      # @param wait [Numeric] seconds
      # @return [Array<Entry>] at most {AT_ONCE}; empty when there is nothing
      def after(place, wait:)
        found = @redis.blocking_call(wait, "XREAD", "COUNT", AT_ONCE, "BLOCK", (wait * 1000).ceil,
                                     "STREAMS", KEY, place.id)
        entries(found ? found.fetch(KEY) : [])
      end

      # @param place [Entry]
      # @return [Boolean] whether it is still in the stream, the same
      def holds?(place)
        entries(@redis.call("XRANGE", KEY, place.id, place.id)).first == place
      end

      # The newest: always the last one, and what is not older and not more than that.
      #
      # @return [Array<Entry>] the oldest first
      def recent(seconds:, bytes:)
        oldest = @redis.call("TIME").first.to_i.*(1000) - (seconds * 1000)
        newest = backwards.take_while { |entry| entry.at >= oldest && (bytes -= entry.text.to_s.bytesize) >= 0 }
        newest.empty? ? backwards.first(1) : newest.reverse
      end

      def close
        @redis.close
      end

      private

      # All entries, the newest first.
      def backwards
        Enumerator.new do |yielder|
          from = "+"
          until (found = entries(@redis.call("XREVRANGE", KEY, from, "-", "COUNT", AT_ONCE))).empty?
            found.each { |entry| yielder << entry }
            break if found.last.seq.zero?

            from = "#{found.last.epoch}-#{found.last.seq - 1}"
          end
        end
      end

      def entries(found)
        found.map { |entry| Entry.read(entry) }
      end
    end
  end
end
