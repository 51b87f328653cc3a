# frozen_string_literal: true

module Pushable
  module Server
    # The extension that decides who may subscribe. No channel's name has a wildcard, so nobody may subscribe to one.
    # With auth, a subscription needs a token of its channel (or for a list of channels, `tokens` by channel): all of
    # them, or the whole subscription is refused.
    class Subscribing
      SUBSCRIBE = "/meta/subscribe"
      CONNECT = "/meta/connect"
      # Needs no token: nothing is said there but that everybody shall fetch.
      EVERYONE = "/sync/$all"
      private_constant :SUBSCRIBE, :CONNECT, :EVERYONE

      # @param options [Options]
      # @param log [Log]
      # @param metrics [Metrics]
      def initialize(options, log, metrics)
        @auth = options.auth
        @secrets = options.secrets
        @log = log
        @metrics = metrics
      end

      # Called by Faye.
      # @param server [Faye::Server]
      def added(server)
        @leases = Leases.new(server.engine, ->(channel) { lapse(channel) })
      end

      # Begins to end subscriptions.
      # @return [void]
      def start
        @leases.watch if @auth
      end

      # Called by Faye with every message that arrives.
      def incoming(message, _request, callback)
        check(message, tokens(message)) if message["channel"] == SUBSCRIBE
        callback.call(message)
        @leases.connected(message["clientId"]) if message["channel"] == CONNECT
      end

      private

      # Takes them out of the message: nobody else shall see them.
      def tokens(message)
        ext = message["ext"]
        shown = ext["pushable"] if ext.is_a?(Hash)
        return {} unless shown.is_a?(Hash)

        one = shown.delete("token")
        several = shown.delete("tokens")
        several = {} unless several.is_a?(Hash)
        one ? Hash.new(one).merge!(several) : several
      end

      def check(message, tokens)
        return if message["error"]

        expiries = [message["subscription"]].flatten.to_h do |channel|
          expiry = expiry(channel, tokens)
          return refuse(message, channel, expiry) if expiry.is_a?(String)

          [channel, expiry]
        end
        expiries.compact.each { |channel, expiry| @leases.hold(message["clientId"], channel, expiry) }
      end

      # @return [Integer, nil, String] nil: no end; a String: why not
      def expiry(channel, tokens)
        return "wildcard" if channel.to_s.include?("*")
        return if !@auth || channel == EVERYONE

        token = tokens[channel] or return "no token"
        expiry = Keys.expiry(token, channel, @secrets) or return "bad token"
        expiry > Time.now.to_i ? expiry : "expired"
      end

      def refuse(message, channel, why)
        @metrics.count(:denied)
        message["error"] = error(channel, why)
      end

      # What the client hears whose token has expired while it was subscribed.
      def lapse(channel)
        @metrics.count(:denied)
        Delivery.new.update("channel" => SUBSCRIBE, "subscription" => channel, "successful" => false,
                            "error" => error(channel, "expired"))
      end

      def error(channel, why)
        "403:#{channel}:Forbidden (#{why})"
      end
    end
  end
end
