# frozen_string_literal: true

require "ipaddr"

module Pushable
  module Server
    # The options of `rake faye:start`, checked. {Sources} says where each was found, {DEFAULTS} what holds otherwise.
    class Options
      # Bytes: the messages kept for those who missed them; what may wait for one slow client. Seconds: how long
      # messages are kept; how long the goodbyes may take.
      DEFAULTS = {
        host: "127.0.0.1", port: 9292, key: nil, cert: nil, verbose: false,
        secret: nil, previous_secrets: [], auth: nil, allowed_origins: nil,
        redis: nil, replay_messages: 100, replay_seconds: 60, replay_bytes: 64 * 1024 * 1024,
        max_connections: 65_536, send_buffer: 8 * 1024 * 1024, drain: 2
      }.freeze
      # What an option is. The methods of {Kinds} by these names turn what was written into it.
      KINDS = {
        host: :text, port: :port, key: :text, cert: :text, verbose: :verbosity,
        secret: :text, previous_secrets: :list, auth: :switch, allowed_origins: :origins,
        redis: :text, replay_messages: :count, replay_seconds: :seconds, replay_bytes: :count,
        max_connections: :count, send_buffer: :count, drain: :seconds
      }.freeze

      attr_reader(*DEFAULTS.keys)

      # @!attribute [r] host
      #   @return [String] an address of this machine
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
      #   @return [String, nil] URL of what joins several servers

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
        @host = address(@host)
      end

      # @return [Boolean] whatever its name, so that no server is open because its environment is called "staging"
      def production?
        !%w[development test].include?(environment)
      end

      # @return [Array<String>] all secrets that are accepted, the one that signs first
      def secrets
        [*secret, *previous_secrets]
      end

      private

      # Anyone who reaches this server may publish and subscribe to everything, so it stays on this machine.
      def address(host)
        return host if host == "localhost"

        address = IPAddr.new(host) unless host.include?("/")
        return address.to_s if address&.loopback?

        raise CannotStart, "host=#{host}: only this machine's own addresses (127.0.0.1, ::1, localhost) for now: " \
                           "the server does not ask who publishes or subscribes"
      rescue IPAddr::Error
        raise CannotStart, "host=#{host}: not an IP address (127.0.0.1, ::1) nor localhost"
      end
    end
  end
end
