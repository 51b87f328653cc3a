# frozen_string_literal: true

module Pushable
  VERSION = "1.0.0"
end
