# frozen_string_literal: true

require "faye"
require "json"

# Loaded by a Faye server of its own process: what it takes is appended to the file that PUSHABLE_TEST_ARRIVALS names,
# as ArrivalLog reads it, before it is acknowledged.
module LoggingFaye
  LOG = File.open(ENV.fetch("PUSHABLE_TEST_ARRIVALS"), File::WRONLY | File::APPEND | File::CREAT)
  LOG.sync = true
  LOG.syswrite("+\n")

  # An extension of Faye's, behind those that refuse.
  module Extension
    def self.incoming(message, callback)
      taken = message["channel"].to_s.start_with?("/sync/") && !message["error"]
      LOG.syswrite("#{JSON.generate(message)}\n") if taken
      callback.call(message)
    end
  end

  def initialize(*)
    super
    add_extension(Extension)
  end
end

Faye::RackAdapter.prepend(LoggingFaye)
