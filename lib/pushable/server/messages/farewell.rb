# frozen_string_literal: true

module Pushable
  module Server
    # Sends the clients elsewhere when the server is about to end: an extension of Faye's that answers every
    # /meta/connect with the advice to shake hands anew. Left to themselves they would all be back after Faye's fixed
    # five seconds, in one moment; so each is given a time of its own.
    class Farewell
      # Seconds: the earliest return, as a server that is only restarted takes about that long; the time over which the
      # others are spread. And how many a second the next server shall have to take.
      EARLIEST = 1
      SPREAD = 4
      RATE = 500
      # How many clients are told before others get their turn.
      SLICE = 500
      LEAVING = "503::The server is leaving"
      private_constant :EARLIEST, :SPREAD, :RATE, :SLICE, :LEAVING

      # @param clients [Clients]
      def initialize(clients)
        @clients = clients
        @leaving = false
      end

      # @return [Boolean]
      def leaving?
        @leaving
      end

      # Called by Faye with itself.
      def added(faye)
        @engine = faye.engine
      end

      # Answers what waits. The sockets stay open, for the answers to what is on its way.
      # @return [void]
      def begin
        @leaving = true
        ids = @clients.ids
        @spread = [SPREAD, ids.size.fdiv(RATE)].max
        release(ids)
      end

      # Called by Faye with every message that arrives.
      def incoming(message, _request)
        decline(message) if @leaving
      end

      # Called by Faye with every message that leaves.
      def outgoing(message, _request)
        advise(message) if @leaving && ["/meta/connect", "/meta/handshake"].include?(message["channel"])
      end

      private

      def release(ids)
        ids.shift(SLICE).each { |id| @engine.connection(id, false)&.flush }
        EventMachine.next_tick { release(ids) } if ids.any?
      end

      # A publisher shall bring it to the next server: here its listeners are on their way out.
      def decline(message)
        case message["channel"]
        when "/meta/connect" then message["advice"] = { "timeout" => 0 }
        when "/meta/handshake", %r{\A/(?!meta/)} then message["error"] ||= LEAVING
        end
      end

      def advise(message)
        interval = ((EARLIEST + (@spread * rand)) * 1000).round
        message["advice"] = { **message["advice"].to_h, "reconnect" => "handshake", "interval" => interval }
      end
    end
  end
end
