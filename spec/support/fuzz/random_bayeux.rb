# frozen_string_literal: true

require_relative "random_json"

module Fuzz
  # Texts that are Bayeux, nearly, or not at all.
  class RandomBayeux
    CHANNELS = %w[/meta/handshake /meta/connect /meta/subscribe /meta/subscribe /meta/unsubscribe /meta/disconnect
                  /meta/unknown /a /sync/a /service/a].freeze
    # A poll that is sound is answered after so many milliseconds.
    POLL = 20
    # The longest that is sound.
    LONGEST = 25_000

    # @param clients [Array<String>] ids that the server knows, or has known
    def initialize(random, clients)
      @random = random
      @clients = clients
      @json = RandomJson.new(random)
    end

    # @return [String]
    def text
      return @json.pick(["", " ", "[", "{}x", "NaN", "[1", "\xFF", "\u{feff}[]", "[" * 3000, "\0"]) if one_in?(30)

      text = JSON.generate(messages, max_nesting: 0)
      text.gsub!("25001", "1e999") if one_in?(4) # a number that JSON.generate does not write
      return text unless one_in?(8)

      break_up(text.b)
    end

    # @return [Hash]
    def message
      message = sound
      @random.rand(4).times { mangle(message) }
      shorten_poll(message)
    end

    private

    def messages
      case @random.rand(20)
      when 0..8 then message
      when 9..17 then Array.new(@random.rand(5)) { message }
      when 18 then one_in?(10) ? Array.new(1001) { {} } : [message, @json.value]
      else @json.value
      end
    end

    def sound
      channel = @json.pick(CHANNELS)
      { "channel" => channel, "id" => @random.rand(1 << 30).to_s(36), "clientId" => @json.pick(@clients), "data" => 1,
        "version" => "1.0", "supportedConnectionTypes" => ["long-polling"],
        "connectionType" => @json.pick(%w[long-polling websocket eventsource callback-polling]),
        "subscription" => @json.pick(["/a", "/sync/a", "/a/**", ["/a", "/b"], "/b/*"]) }
    end

    def mangle(message)
      name = @json.pick(message.keys + ["advice", "ext", @json.name])
      one_in?(4) ? message.delete(name) : message[name] = @json.value
    end

    def shorten_poll(message)
      return message unless message["channel"] == "/meta/connect"

      advice = message["advice"]
      advice = message["advice"] = { "timeout" => @json.value } if advice.nil?
      return message unless advice.is_a?(Hash)

      timeout = advice["timeout"]
      advice["timeout"] = @random.rand(POLL) if timeout.nil? || (timeout.is_a?(Numeric) && timeout.between?(0, LONGEST))
      message
    end

    # What this cuts out of a poll's advice may make it a long one; then it is none.
    def break_up(text)
      text = text.gsub("/meta/connect", "/meta/unknown")
      place = @random.rand(text.bytesize + 1)
      case @random.rand(4)
      when 0 then text[0, place]
      when 1 then text.insert(place, @json.pick(["\"", "\\", "{", "]", "\xFF".b, "\\ud800", "1e999", "\0", "NaN"]))
      when 2 then text.tap { text.setbyte(place, @random.rand(256)) if place < text.bytesize }
      else text * 2
      end
    end

    def one_in?(count)
      @random.rand(count).zero?
    end
  end
end
