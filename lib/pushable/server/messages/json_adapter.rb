# frozen_string_literal: true

require "json"
require_relative "../connections/sizes"

module Pushable
  module Server
    # The JSON library that Faye uses, through MultiJson. Of MultiJson's own adapters one breaks with json 3 (every
    # publish is answered 400), and another makes strings of floats with 17 digits.
    #
    # Faye parses everything that arrives, by POST, by GET or by websocket, with {.load}, and every element that is not
    # an object ends its process; so this is the door where such a text is turned away, as one that does not parse.
    module JsonAdapter
      # A text that is not a Bayeux message or a list of them. Faye answers 400.
      class ParseError < StandardError
      end

      # How JSON makes floats. A number that it can write and Float cannot hold would become Infinity, which cannot be
      # written again.
      module Finite
        def self.try_convert(text)
          float = text.to_f
          float.infinite? ? JsonAdapter.refuse("a number too large for a float") : float
        end
      end
      private_constant :Finite

      class << self
        # @return [#call, nil] is told why a text was turned away
        attr_accessor :on_refusal

        # @param text [String]
        # @return [Hash, Array<Hash>]
        # @raise [ParseError]
        def load(text, _options = {})
          value = parse(text)
          refuse("neither a Bayeux message nor a list of them") unless messages?(value)
          refuse("more than #{Sizes::MESSAGES} messages") if value.is_a?(Array) && value.size > Sizes::MESSAGES
          value
        end

        # @param value [Object]
        # @return [String]
        def dump(value, _options = {})
          # A delivery may wrap what was parsed one level deeper, so the depth is limited there, not here.
          JSON.generate(value, max_nesting: 0)
        end

        # @api private
        def refuse(reason)
          on_refusal&.call(reason)
          raise ParseError, reason
        end

        private

        # A binary message of a websocket may hold anything; a POST and a text Faye has looked at already.
        def parse(text)
          text = text.dup.force_encoding(Encoding::UTF_8) unless text.encoding == Encoding::UTF_8
          refuse("not UTF-8") unless text.valid_encoding?
          JSON.parse(text, max_nesting: Sizes::DEPTH, decimal_class: Finite)
        rescue JSON::ParserError, TypeError, EncodingError
          refuse("not JSON")
        end

        def messages?(value)
          value.is_a?(Hash) || (value.is_a?(Array) && value.all?(Hash))
        end
      end
    end
  end
end
