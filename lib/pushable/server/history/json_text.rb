# frozen_string_literal: true

module Pushable
  module Server
    # A value that is JSON already, to stand in one that is not yet.
    JsonText = Struct.new(:text) do
      def to_json(*)
        text
      end
    end
  end
end
