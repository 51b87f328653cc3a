# frozen_string_literal: true

module Pushable
  module Server
    # A client with a websocket: what comes from there goes to Faye, and what is meant for it comes here.
    class Websocket < Socket
      # To a text that is not Bayeux'.
      BAD_REQUEST = JSON.generate([{ "successful" => false, "error" => "400::Bad request" }]).freeze

      # Faye's websocket, which tells when it has written, be it an answer, a pong or a message.
      class Stream < Faye::WebSocket
        attr_writer :on_write

        def write(data)
          super
          @on_write&.call
        end
      end
      private_constant :BAD_REQUEST, :Stream

      # @param request [Rack::Request] the upgrade
      # @param faye [Faye::Server]
      def initialize(request, faye, sockets)
        super
        @request = request
        @answered = true
        @stream = Stream.new(request.env, [], max_length: Sizes::STRANGER)
        @stream.on_write = -> { check }
        @stream.on(:message) { |event| receive(event.data) }
        @stream.on(:close) { ended }
        @pings = EventMachine.add_periodic_timer(sockets.ping) { ping }
      end

      private

      def encode(delivery)
        delivery.frame
      end

      def receive(text)
        @answered = true
        messages = JsonAdapter.load(text)
        note_client(Faye.client_id_from_messages(messages))
        @faye.process(messages, @request) { |replies| @stream.send(Faye.to_json(replies)) }
      rescue JsonAdapter::ParseError
        @stream.send(BAD_REQUEST)
      end

      # Who connects, connects this socket.
      def note_client(id)
        return unless Guard.name?(id) # it looks at it later

        leave if @client != id
        @client = id
        @faye.engine.open_socket(id, self)
      end

      # Whoever has not answered one when the next is due is gone.
      def ping
        return drop("it opened a websocket and has not connected") unless @client
        return drop("it did not answer a ping") unless @answered

        @answered = false
        @stream.ping { @answered = true }
      end

      def ended
        EventMachine.cancel_timer(@pings)
        super
      end
    end
  end
end
