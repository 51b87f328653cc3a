# frozen_string_literal: true

require "uri"

module Pushable
  module Server
    # What `redis=` may be, and how redis-client is told of it:
    #
    #   redis://user:password@host:6379/0     rediss://… (TLS)     unix:///run/redis.sock?db=0
    #   redis-sentinel://user:password@host:26379,host:26379/0?sentinelMasterId=name     rediss-sentinel://…
    module RedisAddress
      PLAIN = %r{\A(?:rediss?://[^/?#]|unix:///)}
      SENTINEL = %r{
        \Aredis(?<tls>s)?-sentinel://(?:(?<user>[^@/]+)@)?(?<hosts>[^@/?]+)(?<db>/\d+)?
        \?sentinelMasterId=(?<name>[\w.-]+)\z
      }x
      FORMS = "redis://HOST:PORT, rediss://HOST:PORT, unix:///PATH or " \
              "redis-sentinel://HOST:PORT,HOST:PORT?sentinelMasterId=NAME"
      # Seconds. A publisher waits while Redis does not answer, and gives up after 10 by itself.
      TIMEOUTS = { connect_timeout: 1, read_timeout: 2, write_timeout: 2 }.freeze
      private_constant :PLAIN, :SENTINEL, :TIMEOUTS

      class << self
        def valid?(url)
          url.match?(SENTINEL) || (url.match?(PLAIN) && URI.parse(url) && true)
        rescue URI::InvalidURIError
          false
        end

        # @param url [String] one that is valid
        # @return [RedisClient::Config, RedisClient::SentinelConfig]
        def config(url)
          # Whether to try again is decided where it is known what was asked.
          options = { **TIMEOUTS, reconnect_attempts: 0 }
          sentinel = url.match(SENTINEL) or return RedisClient.config(url:, **options)

          scheme = "redis#{sentinel[:tls]}"
          user = "#{sentinel[:user]}@" if sentinel[:user]
          RedisClient.sentinel(url: "#{scheme}://#{user}#{sentinel[:name]}#{sentinel[:db]}",
                               sentinels: sentinel[:hosts].split(",").map { |host| "#{scheme}://#{host}" }, **options)
        end
      end
    end
  end
end
