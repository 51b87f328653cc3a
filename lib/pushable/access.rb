# frozen_string_literal: true

module Pushable
  # The settings that say who may publish and subscribe, and where browsers find the server. Part of {Configuration}.
  module Access
    # @return [Array<String>] those that +secret+ has replaced: +rake faye:start+ accepts what was signed with them
    attr_reader :previous_secrets
    # @return [#call, nil] is asked with a channel's name and the request whether the one who sent it may subscribe
    attr_reader :authorize

    # @return [String, nil] what the app and its Faye server have in common and nobody else knows; in Rails, where none
    #   is set, one derived from +secret_key_base+
    def secret
      @secret || Keys.of_rails
    end

    def secret=(value)
      valid = value.nil? || (value.is_a?(String) && !value.empty?)
      raise ArgumentError, "pushable: secret is a String that is not empty, or nil" unless valid

      @secret = value && one_line(:secret, value).dup.freeze
    end

    def previous_secrets=(values)
      valid = values.is_a?(Array) && values.all? { |value| value.is_a?(String) && !value.empty? }
      raise ArgumentError, "pushable: previous_secrets is an Array of Strings that are not empty" unless valid

      @previous_secrets = values.map { |value| one_line(:previous_secrets, value).dup.freeze }.freeze
    end

    # @return [String] where browsers find the Faye server; by default +server+, without a user and password in it
    def public_url
      @public_url || server.sub(%r{//[^/@]*@}, "//")
    end

    def public_url=(value)
      url = value && one_line(:public_url, value.to_s)
      unless url.nil? || url.match?(%r{\A(https?://[^/@\s]+)?/[^@\s]*\z}i)
        raise ArgumentError, "pushable: public_url is an http or https URL without a user and password, or a path, " \
                             "got #{hide_credentials(url).inspect}"
      end

      @public_url = url
    end

    def authorize=(callable)
      valid = callable.nil? || callable.respond_to?(:call)
      raise ArgumentError, "pushable: authorize is something to call, or nil, got #{callable.inspect}" unless valid

      @authorize = callable
    end
  end
end
