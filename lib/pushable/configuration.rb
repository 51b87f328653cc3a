# frozen_string_literal: true

require "uri"

module Pushable
  # The settings; every one has a default. +PUSHABLE_SERVER+ and +PUSHABLE_DELIVERY_METHOD+ in the environment replace
  # the defaults of those two.
  class Configuration
    DELIVERY_METHODS = %i[async inline test].freeze
    SECRET_COLUMNS = /password|passwd|_digest\z|_token\z|_secret\z|\Aotp_/

    # @return [String] URL of the Faye server's mount point
    attr_reader :server
    # @return [Symbol] +:async+ (the courier brings it), +:inline+ (the caller waits), +:test+ (kept in
    #   {Pushable.deliveries})
    attr_reader :delivery_method
    # @return [String, nil] file of certificate authorities (PEM) for an https server; nil: the system's
    attr_accessor :ca_file
    # @return [Boolean] check an https server's certificate
    attr_reader :verify
    # @return [Regexp, nil] columns that are never pushed, beside +encrypts+ and +has_secure_token+
    attr_reader :secret_columns

    # Seconds: to connect; for a whole request; to send the rest at exit; after which a message is given up.
    SECONDS = { open_timeout: 2, timeout: 10, exit_timeout: 3, max_age: 300 }.freeze
    # Ceilings of the queue and of one message.
    SIZES = { queue_bytes: 8 * 1024 * 1024, queue_messages: 10_000, max_message_bytes: 1024 * 1024 }.freeze

    SECONDS.each_key do |name|
      attr_reader name

      define_method(:"#{name}=") do |value|
        valid = value.is_a?(Numeric) && value.positive?
        raise ArgumentError, "pushable: #{name} is a number of seconds, got #{value.inspect}" unless valid

        instance_variable_set(:"@#{name}", value)
      end
    end

    SIZES.each_key do |name|
      attr_reader name

      define_method(:"#{name}=") do |value|
        valid = value.is_a?(Integer) && value.positive?
        raise ArgumentError, "pushable: #{name} is a positive Integer, got #{value.inspect}" unless valid

        instance_variable_set(:"@#{name}", value)
      end
    end

    def initialize(environment = ENV)
      SECONDS.merge(SIZES).each { |name, value| instance_variable_set(:"@#{name}", value) }
      @verify = true
      @secret_columns = SECRET_COLUMNS
      self.server = environment.fetch("PUSHABLE_SERVER", "http://localhost:9292/faye")
      self.delivery_method = environment.fetch("PUSHABLE_DELIVERY_METHOD", "async")
    end

    def server=(url)
      uri = URI.parse(url.to_s)
      raise URI::InvalidURIError unless uri.is_a?(URI::HTTP) && uri.host && !uri.host.empty?

      @server = url.to_s
    rescue URI::InvalidURIError
      raise ArgumentError, "pushable: server is an http or https URL, got #{url.inspect}"
    end

    def delivery_method=(name)
      @delivery_method = DELIVERY_METHODS.find { |known| known.to_s == name.to_s } ||
                         raise(ArgumentError, "pushable: delivery_method is one of " \
                                              "#{DELIVERY_METHODS.map(&:inspect).join(", ")}, got #{name.inspect}")
    end

    def verify=(value)
      unless value
        Pushable.logger.warn("pushable: verify is off: whoever stands between this app and #{server} can read and " \
                             "change what is pushed")
      end
      @verify = value ? true : false
    end

    def secret_columns=(pattern)
      valid = pattern.nil? || pattern.is_a?(Regexp)
      raise ArgumentError, "pushable: secret_columns is a Regexp or nil, got #{pattern.inspect}" unless valid

      @secret_columns = pattern
    end

    # @api private
    # @return [Hash] what {Courier#initialize} takes: milliseconds and bytes
    def courier_options
      { url: server, authorization: nil, ca_file: ca_file, verify: verify,
        open_timeout: milliseconds(open_timeout), timeout: milliseconds(timeout), max_age: milliseconds(max_age),
        queue_bytes: queue_bytes, queue_messages: queue_messages, max_message_bytes: max_message_bytes }
    end

    private

    def milliseconds(seconds)
      (seconds * 1000).ceil
    end
  end
end
