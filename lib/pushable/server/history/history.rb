# frozen_string_literal: true

require "securerandom"

module Pushable
  module Server
    # The log of what was published under /sync/: each message's place in it, and the last messages of every channel for
    # those who missed them. Its limits are a number for each channel, an age, and bytes in all, where the oldest of all
    # channels go first.
    #
    # A place is an Integer here and an opaque text on the wire; messages are kept as the JSON that their data is.
    # Used in EventMachine's thread alone.
    class History
      KEPT = "/sync/"
      SEQ = /\A[0-9a-z]{1,16}\z/
      # Bytes, beside the texts: of a message, of a channel with messages, of one whose messages are gone. Measured.
      MESSAGE = 260
      CHANNEL = 400
      QUIET = 220
      # Microseconds that an application's clock may be ahead of this one. More is no clock to go by.
      AHEAD = 3600 * 1_000_000
      private_constant :KEPT, :SEQ, :MESSAGE, :CHANNEL, :QUIET, :AHEAD

      # @return [String] of whose log the places are: of this life of the server
      attr_reader :epoch

      # @param messages [Integer] of a channel
      # @param seconds [Numeric] after which they go
      # @param bytes [Integer] of memory, in all
      # @param gone [Gone] where it begins: of what was published until then nothing is known
      def initialize(messages:, seconds:, bytes:, epoch: SecureRandom.alphanumeric(12), gone: Gone.new(0, now))
        @messages = messages
        @microseconds = seconds * 1_000_000
        @most_bytes = bytes
        restart(epoch, gone)
      end

      # Begins anew, with nothing kept.
      #
      # @param epoch [String]
      # @param gone [Gone] where: of what was published until then nothing is known
      # @return [void]
      def restart(epoch, gone)
        @epoch = epoch
        @bytes = 0
        @rings = {} # by channel, those that hold messages
        @quiet = {} # by channel, the Gone of those that held some; the first to fall silent first
        @gone = gone # of all other channels
        @last = gone.seq
        @entries = {} # by place, of all rings
      end

      # Gives a message its place, and keeps its data.
      #
      # @param message [Hash] with "channel" and "data"
      # @param seq [Integer] its place, after that of all before
      # @param arrived [Integer] microseconds since the epoch
      # @return [Hash] the message, with its place as +seq+ in its data
      def append(message, seq: @last + 1, arrived: now)
        data = message["data"]
        return message unless data.is_a?(Hash) && message["channel"].start_with?(KEPT)

        @last = seq
        data["seq"] = seq.to_s(36)
        keep(message["channel"], data, arrived)
        message
      end

      # What somebody missed who last saw that place, or whose page was rendered at that time.
      #
      # @param epoch [Object] as a client sent them: anything; so are seq, and time (microseconds since the epoch)
      # @return [Array<JsonText>, :resync] the data in order; or that they are not all here
      def since(channel, epoch: nil, seq: nil, time: nil)
        return :resync unless channel.start_with?(KEPT) && !channel.include?("*")

        expire(now)
        entries = epoch || seq ? after(ring(channel), epoch, seq) : from(ring(channel), time)
        entries ? entries.map { |entry| JsonText.new(entry.text) } : :resync
      end

      # @return [Hash] where the log ends
      def position
        { "epoch" => epoch, "seq" => @last.to_s(36) }
      end

      # @return [Integer] of memory that it takes
      def bytes
        expire(now)
        @bytes
      end

      private

      def now
        Process.clock_gettime(Process::CLOCK_REALTIME, :microsecond)
      end

      def ring(channel)
        @rings[channel] || Ring.new(channel, @quiet.fetch(channel, @gone))
      end

      def after(ring, epoch, seq)
        return unless epoch == @epoch && seq.is_a?(String) && seq.match?(SEQ)

        place = seq.to_i(36)
        ring.after(place) if place.between?(ring.gone.seq, @last)
      end

      def from(ring, time)
        ring.from(time) if time.is_a?(Numeric) && time > ring.gone.time
      end

      def keep(channel, data, arrived)
        ring = @rings[channel] || begin_ring(channel)
        entry = Entry.new(ring, @last, arrived, latest(arrived, data["at"]), JsonAdapter.dump(data))
        ring.push(entry)
        @entries[@last] = entry
        @bytes += MESSAGE + entry.text.bytesize
        drop(ring.first) if ring.size > @messages
        shrink
        expire(arrived)
      end

      # When a message was news: as it was written, by the application's clock, or as it arrived, by this one. A page
      # rendered before either may lack it.
      def latest(arrived, written)
        written.is_a?(Integer) && written.between?(arrived, arrived + AHEAD) ? written : arrived
      end

      def expire(time)
        oldest = time - @microseconds
        while (entry = first) && entry.arrived < oldest
          drop(entry)
        end
      end

      # Who fell silent is forgotten before a message is.
      def shrink
        while @bytes > @most_bytes
          @quiet.empty? ? drop(first) : forget
        end
      end

      def first
        @entries.first&.last
      end

      def begin_ring(channel)
        gone = @quiet.delete(channel)
        @bytes -= QUIET + channel.bytesize if gone
        @bytes += CHANNEL + channel.bytesize
        name = channel.dup.freeze
        @rings[name] = Ring.new(name, gone || @gone.dup)
      end

      def drop(entry)
        @entries.delete(entry.seq)
        @bytes -= MESSAGE + entry.text.bytesize
        entry.ring.shift
        end_ring(entry.ring) if entry.ring.empty?
      end

      def end_ring(ring)
        @rings.delete(ring.channel)
        @quiet[ring.channel] = ring.gone
        @bytes += QUIET - CHANNEL
      end

      def forget
        channel, gone = @quiet.shift
        @bytes -= QUIET + channel.bytesize
        @gone.add(gone)
      end
    end
  end
end
