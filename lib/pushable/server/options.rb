# frozen_string_literal: true

require "ipaddr"

module Pushable
  module Server
    # What `rake faye:start name=value …` was asked for, checked. Rake hands such words over as environment variables,
    # so only the names known here are looked at.
    class Options
      DEFAULT_HOST = "127.0.0.1"
      DEFAULT_PORT = 9292
      SWITCH = { nil => false, "false" => false, "0" => false, "true" => true, "1" => true }.freeze
      private_constant :SWITCH

      # @return [String] an address of this machine's loopback
      attr_reader :host
      # @return [Integer] 0 means any free port
      attr_reader :port
      # @return [String, nil] path of the private key
      attr_reader :key
      # @return [String, nil] path of the certificate
      attr_reader :cert
      # @return [Boolean]
      attr_reader :verbose

      # @param env [#[]]
      # @raise [CannotStart] naming the option that is wrong
      def self.from_env(env)
        new(host: env["host"], port: env["port"], key: env["key"], cert: env["cert"], verbose: env["verbose"])
      end

      def initialize(host: nil, port: nil, key: nil, cert: nil, verbose: nil)
        @host = loopback(host || DEFAULT_HOST)
        @port = port_number(port || DEFAULT_PORT.to_s)
        @key = key
        @cert = cert
        @verbose = SWITCH.fetch(verbose) { raise CannotStart, "verbose=#{verbose}: must be true or false" }
      end

      private

      # Anyone who reaches this server may publish and subscribe to everything, so it stays on this machine.
      def loopback(host)
        return host if host == "localhost"

        address = IPAddr.new(host) unless host.include?("/")
        return address.to_s if address&.loopback?

        raise CannotStart, "host=#{host}: only this machine's own addresses (127.0.0.1, ::1, localhost) for now: " \
                           "the server does not ask who publishes or subscribes"
      rescue IPAddr::Error
        raise CannotStart, "host=#{host}: not an IP address (127.0.0.1, ::1) nor localhost"
      end

      def port_number(text)
        number = Integer(text, 10, exception: false)
        return number if number&.between?(0, 65_535)

        raise CannotStart, "port=#{text}: must be a number from 1 to 65535 (or 0 for any free port)"
      end
    end
  end
end
