# frozen_string_literal: true

module Pushable
  # Whether the one who sent a request may subscribe to a channel: what +config.authorize+ says.
  # @api private
  module Authorization
    LINE = "Pushable.config.authorize: nobody gets a token from /pushable/tokens until the application says who may " \
           "subscribe to what; write in config/initializers/pushable.rb, inside Pushable.configure: " \
           "config.authorize = ->(channel, request) { … }"
    OPEN_IN = %w[development test].freeze
    private_constant :LINE, :OPEN_IN

    @told = false

    class << self
      # @param channel [String] its name, not as on the wire
      # @param request [ActionDispatch::Request]
      # @return [Boolean] false, too, when the application's code raises: that is reported
      def granted?(channel, request)
        return granted_unasked? unless Pushable.config.authorize

        Pushable.config.authorize.call(channel, request) ? true : false
      rescue StandardError => e
        Reporter.report(e, nil, "authorize #{channel}")
        false
      end

      private

      def granted_unasked?
        return true if OPEN_IN.include?(::Rails.env)

        Pushable.logger.error("pushable: #{LINE}") unless @told
        @told = true
        false
      end
    end
  end
end
