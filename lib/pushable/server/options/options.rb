# frozen_string_literal: true

require "ipaddr"

module Pushable
  module Server
    # The options of `rake faye:start`, checked. {Sources} says where each was found, {DEFAULTS} what holds otherwise.
    class Options
      # Bytes: the messages kept for those who missed them; what may wait for one slow client. Seconds: how long
      # messages are kept; between two pings of a websocket; for a request to come; how long the goodbyes may take.
      DEFAULTS = {
        host: "127.0.0.1", port: 9292, key: nil, cert: nil, verbose: false,
        secret: nil, previous_secrets: [], auth: nil, allowed_origins: nil,
        redis: nil, stream_messages: 100_000, replay_messages: 100, replay_seconds: 60, replay_bytes: 64 * 1024 * 1024,
        max_connections: 65_536, send_buffer: 4 * 1024 * 1024, ping: 15, request_timeout: 30, drain: 2
      }.freeze
      # What an option is. The methods of {Kinds} by these names turn what was written into it.
      KINDS = {
        host: :text, port: :port, key: :text, cert: :text, verbose: :verbosity,
        secret: :text, previous_secrets: :list, auth: :switch, allowed_origins: :origins,
        redis: :text, stream_messages: :count, replay_messages: :count, replay_seconds: :seconds, replay_bytes: :count,
        max_connections: :count, send_buffer: :count, ping: :interval, request_timeout: :interval, drain: :seconds
      }.freeze

      OPEN_IN = %w[development test].freeze
      MEND = "set PUSHABLE_SECRET, here and for the application (or secret in config/pushable.yml)"
      private_constant :OPEN_IN, :MEND

      attr_reader(*DEFAULTS.keys)

      # @!attribute [r] host
      #   @return [String] an address or name of this machine; 0.0.0.0 or :: for all of them
      # @!attribute [r] port
      #   @return [Integer] 0 means any free port
      # @!attribute [r] key
      #   @return [String, nil] path of the private key; and cert, of the certificate
      # @!attribute [r] verbose
      #   @return [Boolean, :debug]
      # @!attribute [r] secret
      #   @return [String, nil] what the applications that publish here have as their +secret+
      # @!attribute [r] previous_secrets
      #   @return [Array<String>] accepted as well, while they are being replaced
      # @!attribute [r] auth
      #   @return [Boolean] whether a subscription needs a token
      # @!attribute [r] allowed_origins
      #   @return [Array<String>, nil] of the pages that may connect, "*" for any; nil: in production the server's own
      #     host, else any
      # @!attribute [r] redis
      #   @return [String, nil] URL of what joins several servers ({RedisAddress})
      # @!attribute [r] stream_messages
      #   @return [Integer] about how many messages are kept there

      # @return [String] "development", "test", "production" …
      attr_reader :environment

      # @param given [Hash{Symbol => Sources::Given}] the options that were named somewhere
      # @param environment [String]
      # @raise [CannotStart] naming the option that is wrong
      def initialize(given, environment:)
        @environment = environment
        DEFAULTS.each { |name, default| instance_variable_set(:"@#{name}", default) }
        given.each do |name, option|
          instance_variable_set(:"@#{name}", Kinds.public_send(KINDS.fetch(name), option.value))
        rescue ArgumentError => e
          raise CannotStart, "#{option.written}: #{e.message}"
        end
        @auth = production? if @auth.nil?
        @host = @host.delete_prefix("[").delete_suffix("]")
        check_secret(given[:host]) if secrets.empty?
      end

      # @return [Boolean] whatever its name, so that no server is open because its environment is called "staging"
      def production?
        OPEN_IN.none?(environment)
      end

      # @return [Array<String>] all secrets that are accepted, the one that signs first
      def secrets
        [*secret, *previous_secrets]
      end

      private

      # Without a secret whoever reaches this server may publish: only a developer's own machine may then.
      def check_secret(host)
        if production?
          raise CannotStart, "a secret is needed in the environment #{environment}, or anyone may publish: #{MEND}"
        end
        raise CannotStart, "auth: tokens are signed with a secret: #{MEND}" if auth
        return if loopback?

        raise CannotStart, "#{host.written}: a secret is needed where others reach this server, or anyone may " \
                           "publish: #{MEND}, or leave it at 127.0.0.1"
      end

      def loopback?
        host == "localhost" || (!host.include?("/") && IPAddr.new(host).loopback?)
      rescue IPAddr::Error
        false
      end
    end
  end
end
