# frozen_string_literal: true

require "json"

module Bench
  # The messages of those who post by themselves, as the gem would write them; each has a number of its source's own,
  # so that the sink sees what is lost or comes twice.
  class Bodies
    CHANNEL = "/sync/bench"
    AT = 1_700_000_000_000_000 # some microsecond

    # @return [Hash] whose JSON has so many bytes
    def self.object(bytes)
      bare = { id: 7, name: "" }
      bare.merge(name: "n" * (bytes - JSON.generate(bare).bytesize))
    end

    # @param source [String] unlike all others
    # @param object [String, nil] JSON of every message; nil: each is told its own
    def initialize(source, object = nil)
      @source = source
      @object = object
      @number = 0
    end

    # @param object [String] JSON
    # @return [String] the next message
    def message(object = @object)
      id = "#{@source}-#{@number += 1}"
      %({"channel":"#{CHANNEL}","id":"#{id}","data":{"id":"#{id}","event":"update","object":#{object},"at":#{AT}}})
    end

    # @return [Array<String>] messages alone, or in arrays
    def take(count, batch = 1)
      return Array.new(count) { message } if batch == 1

      Array.new(count / batch) { "[#{Array.new(batch) { message }.join(",")}]" }
    end
  end
end
