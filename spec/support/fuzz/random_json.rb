# frozen_string_literal: true

require "json"

module Fuzz
  # Values of every type and many sizes.
  class RandomJson
    TEXTS = ["", " ", "x", "/a", "/a/**", "/**", "/meta/connect", "/meta/handshake", "/service/x", "/sync/a", "/a b",
             "/a/", "/a\n/b", "\r\n", "\0", "é✓\u{10ffff}", "\u2028", "</script>", "null", "websocket", "1.0",
             "__proto__", "403::x", "-1", "/#{"a/" * 40}a"].freeze
    NUMBERS = [0, 1, -1, 1.5, 25, 25_001, 1e300, -1e-300, 2**31, 2**64, -(2**70), 10**400].freeze
    NAMES = %w[channel clientId id data ext advice error timeout interval reconnect subscription successful token epoch
               seq pushable supportedConnectionTypes version connectionType minimumVersion timestamp constructor].freeze

    def initialize(random)
      @random = random
    end

    # @return [Object] that JSON can write
    def value(depth = 0)
      case @random.rand(depth > 3 ? 6 : 10)
      when 0..5 then scalar
      when 6, 7 then Array.new(@random.rand(4)) { value(depth + 1) }
      when 8 then Array.new(@random.rand(4)) { [name, value(depth + 1)] }.to_h
      else @random.rand(20).zero? ? Array.new(@random.rand(3000)) { scalar } : deep
      end
    end

    def text
      @random.rand(20).zero? ? pick(TEXTS) * @random.rand(1..400) : pick(TEXTS)
    end

    def name
      @random.rand(5).zero? ? text : pick(NAMES)
    end

    def pick(list)
      list[@random.rand(list.size)]
    end

    private

    def scalar
      case @random.rand(6)
      when 0 then nil
      when 1 then @random.rand(2).zero?
      when 2, 3 then pick(NUMBERS)
      else text
      end
    end

    def deep
      @random.rand(1..150).times.reduce(1) { |inner, n| n.odd? ? [inner] : { "a" => inner } }
    end
  end
end
