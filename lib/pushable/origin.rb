# frozen_string_literal: true

require "active_support/current_attributes"

module Pushable
  # What belongs to the request at hand.
  # @api private
  class Current < ActiveSupport::CurrentAttributes
    # The extension writes it into messages as it is.
    ORIGIN = /\A[A-Za-z0-9._-]{1,128}\z/

    attribute :origin

    def origin=(value)
      value = value&.b # whatever bytes a client sends, they can be compared
      super(value&.match?(ORIGIN) ? value.freeze : nil)
    end
  end

  # Rack middleware: what a request changes is pushed with the request's +X-Pushable-Origin+, by which the browser that
  # sent it knows its own doing again. In Rails it is there already; elsewhere: +use Pushable::Origin+.
  #
  # Jobs have no origin, even those that are performed inside the request.
  class Origin
    HEADER = "HTTP_X_PUSHABLE_ORIGIN"

    # Whether any request of this process came with the header: until then the extension asks for no origin.
    @seen = false

    class << self
      # @api private
      attr_writer :seen

      # Runs the block as if no request had caused it.
      # @api private
      def without(&)
        Current.set(origin: nil, &)
      end
    end

    def initialize(app)
      @app = app
    end

    def call(env)
      return @app.call(env) unless env.key?(HEADER)

      Origin.seen = true
      Current.set(origin: env[HEADER]) { @app.call(env) }
    end
  end
end
