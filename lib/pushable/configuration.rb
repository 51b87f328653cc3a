# frozen_string_literal: true

require "openssl"
require "uri"

module Pushable
  # The settings; every one has a default. What {Pushable.configure} says comes before what the environment says
  # (+PUSHABLE_SERVER+ and so on), and that before +config/pushable.yml+ ({SettingsFile}).
  class Configuration
    include Access

    DELIVERY_METHODS = %i[async inline test].freeze
    SECRET_COLUMNS = /password|passwd|_digest\z|_token\z|_secret\z|\Aotp_/

    # @return [String] URL of the Faye server's mount point; a user and password in it are shown to the server alone
    attr_reader :server
    # @return [Symbol] +:async+ (the courier brings it), +:inline+ (the caller waits), +:test+ (kept in
    #   {Pushable.deliveries})
    attr_reader :delivery_method
    # @return [String, nil] file of certificate authorities (PEM) for an https server; nil: the system's
    attr_reader :ca_file
    # @return [Boolean] check an https server's certificate
    attr_reader :verify
    # @return [Regexp, nil] columns that are never pushed, beside +encrypts+ and +has_secure_token+
    attr_reader :secret_columns

    # Seconds: to connect; for a whole request; to send the rest at exit; after which a message is given up.
    SECONDS = { open_timeout: 2, timeout: 10, exit_timeout: 3, max_age: 300 }.freeze
    # Ceilings of the queue and of one message.
    SIZES = { queue_bytes: 8 * 1024 * 1024, queue_messages: 10_000, max_message_bytes: 1024 * 1024 }.freeze

    # What the environment and the file may say, and how a text of the one is read. A number or the like that is none
    # stays a text, and is refused as such.
    WRITTEN = {
      **%i[server public_url secret delivery_method ca_file].to_h { |name| [name, ->(text) { text }] },
      **SECONDS.transform_values { ->(text) { Float(text, exception: false) || text } },
      **SIZES.transform_values { ->(text) { Integer(text, 10, exception: false) || text } },
      previous_secrets: ->(text) { text.split(",").map(&:strip) },
      verify: ->(text) { { "true" => true, "false" => false }.fetch(text, text) }
    }.freeze
    private_constant :WRITTEN

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

    # @param environment [#[]]
    # @param file [Hash{String => Object}] what config/pushable.yml says
    # @raise [ArgumentError] naming the option, when a value cannot be or there is no such option
    def initialize(environment = {}, file = {})
      SECONDS.merge(SIZES).each { |name, value| instance_variable_set(:"@#{name}", value) }
      @verify = true
      @secret_columns = SECRET_COLUMNS
      @server = "http://localhost:9292/faye"
      @previous_secrets = []
      @delivery_method = :async
      take_file(file)
      WRITTEN.each_key do |name|
        value = environment["PUSHABLE_#{name.upcase}"]
        take(name, value) if value
      end
    end

    def server=(value)
      url = one_line(:server, value.to_s)
      uri = URI.parse(url)
      valid = uri.is_a?(URI::HTTP) && !uri.host.to_s.empty? && uri.port.between?(1, 65_535)
      raise URI::InvalidURIError unless valid

      @server = url
    rescue URI::InvalidURIError
      raise ArgumentError, "pushable: server is an http or https URL, got #{(value && hide_credentials(url)).inspect}"
    end

    def ca_file=(path)
      @ca_file = path && one_line(:ca_file, path.to_s)
      OpenSSL::X509::Store.new.add_file(@ca_file) if @ca_file
    rescue OpenSSL::X509::StoreError
      raise ArgumentError, "pushable: ca_file is a file of certificates (PEM) that can be read, got #{path.inspect}"
    end

    def delivery_method=(name)
      @delivery_method = DELIVERY_METHODS.find { |known| known.to_s == name.to_s } ||
                         raise(ArgumentError, "pushable: delivery_method is one of " \
                                              "#{DELIVERY_METHODS.map(&:inspect).join(", ")}, got #{name.inspect}")
    end

    def verify=(value)
      unless value
        Pushable.logger.warn("pushable: verify is off: whoever stands between this app and " \
                             "#{hide_credentials(server)} can read and change what is pushed")
      end
      @verify = value ? true : false
    end

    def secret_columns=(pattern)
      valid = pattern.nil? || pattern.is_a?(Regexp)
      raise ArgumentError, "pushable: secret_columns is a Regexp or nil, got #{pattern.inspect}" unless valid

      @secret_columns = pattern
    end

    # What no setting can say alone.
    # @api private
    # @raise [ArgumentError] naming the settings
    def check
      return unless @secret && credentials?

      raise ArgumentError, "pushable: server has a user or password in it, and secret is set: a request can show one " \
                           "of the two"
    end

    # @return [String] without secret and password
    def inspect
      shown = { server: hide_credentials(server), public_url:, secret: @secret && "[hidden]",
                previous_secrets: previous_secrets.map { "[hidden]" }, authorize: }
      names = %i[delivery_method ca_file verify secret_columns] + SECONDS.keys + SIZES.keys
      shown.merge!(names.to_h { |name| [name, public_send(name)] })
      "#<#{self.class} #{shown.map { |name, value| "#{name}=#{value.inspect}" }.join(" ")}>"
    end

    # @api private
    # @return [Hash] what {Courier#initialize} takes: milliseconds and bytes
    def courier_options
      { url: server, authorization:, ca_file:, verify:,
        open_timeout: milliseconds(open_timeout), timeout: milliseconds(timeout), max_age: milliseconds(max_age),
        queue_bytes:, queue_messages:, max_message_bytes: }
    end

    private

    def take_file(file)
      file.except("faye").each do |name, value|
        unless WRITTEN.key?(name.to_sym)
          raise ArgumentError, "pushable: #{SettingsFile::NAME}: #{SettingsFile.unknown(name, WRITTEN.keys)}"
        end

        take(name.to_sym, value)
      end
    end

    # @param value [Object] a text, or what YAML made of it
    def take(name, value)
      public_send(:"#{name}=", value.is_a?(String) ? WRITTEN.fetch(name).call(value) : value)
    end

    # The credentials of the URL go first: they were asked for, a derived secret was not.
    def authorization
      "Bearer #{Keys.publish(secret)}" unless credentials? || secret.nil?
    end

    def credentials?
      !URI.parse(server).userinfo.nil?
    end

    # Of anything that looks like a URL, if only from afar.
    def hide_credentials(url)
      url.b.sub(%r{\A(\s*\w+://)?.*@}m, '\1[hidden]@').force_encoding(Encoding::UTF_8)
    end

    # What becomes a header, a URL or a path.
    def one_line(name, text)
      raise ArgumentError, "pushable: #{name} holds a line break or a NUL" if text.b.match?(/[\r\n\0]/)

      text
    end

    def milliseconds(seconds)
      (seconds * 1000).ceil
    end
  end
end
