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
      # Seconds. A publisher waits while Redis does not answer, and gives up after 10 by itself. A connection that was
      # not used for idle_timeout is tried first. Whether to ask again is decided where it is known what was asked.
      OPTIONS = { connect_timeout: 1, read_timeout: 2, write_timeout: 2, idle_timeout: 1, reconnect_attempts: 0 }.freeze
      private_constant :PLAIN, :SENTINEL, :FORMS, :OPTIONS

      class << self
        # @param url [String]
        # @return [RedisClient::Config, RedisClient::SentinelConfig]
        # @raise [CannotStart] without the address, which may hold a password
        def config(url)
          found = url.match(SENTINEL) and return sentinel(**found.named_captures.transform_keys(&:to_sym))
          raise ArgumentError unless url.match?(PLAIN)

          RedisClient.config(url:, **OPTIONS)
        rescue ArgumentError, URI::InvalidURIError
          raise CannotStart, "redis: must be #{FORMS}"
        end

        private

        def sentinel(tls:, user:, hosts:, db:, name:)
          scheme = "redis#{tls}://"
          RedisClient.sentinel(url: "#{scheme}#{"#{user}@" if user}#{name}#{db}",
                               sentinels: hosts.split(",").map { |host| "#{scheme}#{host}" }, **OPTIONS)
        end
      end
    end
  end
end
