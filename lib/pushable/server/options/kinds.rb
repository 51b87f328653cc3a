# frozen_string_literal: true

module Pushable
  module Server
    # The kinds of options: what may be written for each, and what it means. What was written is a String on a command
    # line and in the environment, and whatever YAML makes of it in a file.
    module Kinds
      SWITCH = { "false" => false, "0" => false, "true" => true, "1" => true }.freeze
      ORIGIN = %r{\A(https?://(?:[a-z0-9._-]+|\[[0-9a-f:]+\]))(:\d+)?/?\z}
      STANDARD_PORT = { "http" => /\A:80\z/, "https" => /\A:443\z/ }.freeze
      private_constant :SWITCH, :ORIGIN, :STANDARD_PORT

      class << self
        # @raise [ArgumentError] saying what it has to be; so do all of them
        def text(value)
          return value if value.is_a?(String) && !value.empty?

          raise ArgumentError, "must be a text that is not empty"
        end

        def switch(value)
          SWITCH.fetch(value.to_s) { raise ArgumentError, "must be true or false" }
        end

        def verbosity(value)
          return :debug if value.to_s == "debug"

          SWITCH.fetch(value.to_s) { raise ArgumentError, "must be true, false or debug" }
        end

        def port(value)
          number = Integer(value.to_s, 10, exception: false)
          return number if number&.between?(0, 65_535)

          raise ArgumentError, "must be a number from 1 to 65535 (or 0 for any free port)"
        end

        def count(value)
          number = Integer(value.to_s, 10, exception: false)
          return number if number && number >= 0

          raise ArgumentError, "must be a whole number, 0 or more"
        end

        def seconds(value)
          number = Float(value.to_s, exception: false)
          return number if number&.finite? && !number.negative?

          raise ArgumentError, "must be a number of seconds, 0 or more"
        end

        def interval(value)
          number = Float(value.to_s, exception: false)
          return number if number&.finite? && number.positive?

          raise ArgumentError, "must be a number of seconds, more than 0"
        end

        # @return [Array<String>] from a list, or from one line with commas between
        def list(value)
          items = value.is_a?(Array) ? value : text(value).split(",").map(&:strip)
          return items if items.all? { |item| item.is_a?(String) && !item.empty? }

          raise ArgumentError, "must be a list of texts, or one line with commas between them"
        end

        # @return [Array<String>] as browsers write them
        def origins(value)
          list(value).map do |origin|
            next origin if origin == "*"

            match = ORIGIN.match(origin.downcase) or
              raise ArgumentError, "must be a list of origins (https://app.example.com), or *"
            match[1] + match[2].to_s.sub(STANDARD_PORT.fetch(match[1][/\w+/]), "")
          end
        end
      end
    end
  end
end
