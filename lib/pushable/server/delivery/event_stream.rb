# frozen_string_literal: true

module Pushable
  module Server
    # A client with an EventSource, which has no way back: it connects by polls.
    class EventStream < Socket
      # @param request [Rack::Request] whose path ends with the client's id
      def initialize(request, faye, sockets)
        super
        @client = request.path_info.split("/").last
        @stream = Faye::EventSource.new(request.env, ping: sockets.ping)
        @stream.on(:close) { ended }
        faye.engine.open_socket(@client, self)
      end

      private

      def encode(delivery)
        delivery.event
      end
    end
  end
end
