# frozen_string_literal: true

module Pushable
  module Server
    # Subscriptions that end with the token that was shown for them, in EventMachine's thread. Once a second those that
    # are over are taken from Faye, and their clients told as those are whose /meta/subscribe is refused.
    class Leases
      INTERVAL = 1
      private_constant :INTERVAL

      # @param engine [Faye::Engine::Proxy]
      # @param refusal [#call] gives the message that tells a client, of a channel's name
      def initialize(engine, refusal)
        @engine = engine
        @refusal = refusal
        @expiries = {} # client => { channel => second }
        @due = {} # second => [client, channel] => true
        @untold = {} # client => { channel => true }: it polls, and had no request here when it was to be told
        engine.bind(:unsubscribe) { |client, channel| forget(client, channel) }
        engine.bind(:disconnect) { |client| drop(client) }
      end

      # @return [void]
      def watch
        EventMachine.add_periodic_timer(INTERVAL) { sweep(Time.now.to_i) }
      end

      # A subscription, or its renewal: the later end holds.
      #
      # @param expiry [Integer] seconds since the epoch
      def hold(client, channel, expiry)
        @engine.client_exists(client) do |exists|
          next if !exists || @expiries.dig(client, channel)&.>=(expiry)

          forget(client, channel)
          (@expiries[client] ||= {})[channel] = expiry
          (@due[expiry] ||= {})[[client, channel]] = true
        end
      end

      # Its long-poll is here: tells what it could not be told before.
      def connected(client)
        @untold.delete(client)&.each_key { |channel| tell(client, channel) } if @engine.has_connection?(client)
      end

      private

      def sweep(now)
        over = @due.keys.select { |second| second <= now }
        over.flat_map { |second| @due[second].keys }.each do |client, channel|
          @engine.unsubscribe(client, channel)
          forget(client, channel)
          tell(client, channel)
        end
      end

      def tell(client, channel)
        told = @engine.deliver(client, [@refusal.call(channel)])
        (@untold[client] ||= {})[channel] = true unless told
      end

      def drop(client)
        @expiries[client]&.each_key { |channel| forget(client, channel) }
        @untold.delete(client)
      end

      def forget(client, channel)
        remove(@untold, client, channel)
        expiry = remove(@expiries, client, channel)
        remove(@due, expiry, [client, channel]) if expiry
      end

      # Leaves no empty table behind.
      def remove(tables, key, name)
        table = tables[key] or return
        value = table.delete(name)
        tables.delete(key) if table.empty?
        value
      end
    end
  end
end
