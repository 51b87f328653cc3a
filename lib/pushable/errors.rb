# frozen_string_literal: true

module Pushable
  # The root of everything that Pushable raises, {ArgumentError} for a wrong declaration or setting aside.
  class Error < StandardError; end

  # A value cannot be JSON: a String that is not valid UTF-8. The message names where.
  class EncodingError < Error; end

  # A value is nested more than 100 levels deep, or holds itself. The message names where it starts.
  class NestingError < Error; end

  # A message would be larger than +config.max_message_bytes+.
  class MessageTooLarge < Error; end

  # No more messages are taken: the process is leaving, or {Pushable.shutdown} was called.
  class ClosedError < Error; end

  # The server could not be reached, did not answer in time, or refused the message.
  class DeliveryError < Error; end
end
