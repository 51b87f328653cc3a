# frozen_string_literal: true

require "eventmachine"
require "faye/websocket"
require "json"

# A websocket that speaks Bayeux, for a message or two.
module BayeuxSocket
  # Sends messages and waits for one answer.
  #
  # @param texts [Array<String>] sent before the messages
  # @return [Array<Hash>, nil] the first answer; nil when there was none
  def self.exchange(url, messages, texts: [], headers: {}, seconds: 20)
    answer = nil
    EventMachine.run do
      socket = Faye::WebSocket::Client.new(url.sub("http", "ws"), [], headers:)
      socket.on(:open) { [*texts, JSON.generate(messages)].each { |text| socket.send(text) } }
      socket.on(:message) { |event| (answer = JSON.parse(event.data)) && socket.close }
      socket.on(:close) { EventMachine.stop }
      EventMachine.add_timer(seconds) { EventMachine.stop }
    end
    answer
  end
end
