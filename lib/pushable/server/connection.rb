# frozen_string_literal: true

# Loaded once Thin is.
module Pushable
  module Server
    # A connection as Thin has it, that takes no more than the server wants. Thin itself would keep a body of any length
    # (on the disk), and a connection that stays silent in the midst of a request for ever.
    class Connection < Thin::Connection
      # What has come of a request. Refuses it as soon as its headers are there.
      class Request < Thin::Request
        TOO_LARGE = [413, { "Content-Type" => "text/plain" }, ["More than #{Limits::BODY} bytes"]].freeze
        private_constant :TOO_LARGE

        # @return [Array, nil] the answer of Rack to a request that shall not be read further
        attr_reader :refusal

        # @raise [Thin::InvalidRequest]
        def parse(data)
          return false if refusal # more of it

          super.tap { refuse if content_length > Limits::BODY }
        end

        # The rest of a refused one may still come, and is no request.
        def persistent?
          !refusal && super
        end

        private

        def refuse
          @refusal = TOO_LARGE
          raise Thin::InvalidRequest, "larger than allowed"
        end
      end

      # Called by Thin for each request that is to come.
      def post_init
        super
        @request = Request.new
        self.comm_inactivity_timeout = backend.timeout if backend # the first time Thin does so
      end

      # Called by Thin when all of a request is there: now Faye looks after its time.
      def process
        return close_connection if get_outbound_data_size > Limits::BODY # it asks, and does not read the answers

        self.comm_inactivity_timeout = 0
        super
      end

      # Called by Thin with the answer.
      def post_process(result)
        super(@request.refusal || result)
      end
    end
  end
end
