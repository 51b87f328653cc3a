# frozen_string_literal: true

module Pushable
  module Server
    # How much of anything may come at once.
    module Sizes
      # Bytes of a request's body.
      BODY = 2 * 1024 * 1024
      # Bytes of a body from someone without the key, and of a websocket's message. Faye's clients send 2 KiB, or
      # one message that is longer.
      STRANGER = 128 * 1024
      # Levels of a JSON text.
      DEPTH = 128
      # Messages in one text.
      MESSAGES = 1000
      # Subscriptions of one client.
      SUBSCRIPTIONS = 5000
      # Characters of a channel's name, and of all other names and ids.
      CHANNEL = 1024
      NAME = 128
      # Entries of a list in a message.
      LIST = 1000
    end
  end
end
