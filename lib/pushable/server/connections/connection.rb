# frozen_string_literal: true

# Loaded once Thin is.
module Pushable
  module Server
    # A connection as Thin has it, that takes no more than the server wants. Thin itself would keep a body of any length
    # (on the disk), and answers for somebody who reads none.
    class Connection < Thin::Connection
      # What has come of a request. Refuses it as soon as its headers are there.
      class Request < Thin::Request
        TOO_LARGE = [413, { "Content-Type" => "text/plain" }, ["More than #{Sizes::BODY} bytes"]].freeze
        private_constant :TOO_LARGE

        # @return [Array, nil] the answer of Rack to a request that shall not be read further
        attr_reader :refusal

        # @raise [Thin::InvalidRequest]
        def parse(data)
          return false if refusal # more of it

          super.tap { refuse if content_length > Sizes::BODY }
        end

        # Once it is, it stays so: its file may be gone by then.
        def finished?
          @finished ||= !refusal.nil? || super
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
      end

      # Called by Thin when all of a request is there.
      def process
        return close_connection if get_outbound_data_size > Sizes::BODY # it asks, and does not read the answers

        super
      end

      # Called by Thin with the answer.
      def post_process(result)
        super(@request.refusal || result)
      end
    end
  end
end
