# frozen_string_literal: true

require_relative "bayeux"

# Publishes numbers, {"n" => 0} and on, in small batches and in a thread of its own; what is refused, or whose answer is
# lost, again until it is taken. As the courier does.
class PersistentPublisher
  # @return [Array<Integer>] those that were acknowledged
  attr_reader :taken
  # @return [Array<String>] the server's words
  attr_reader :refusals

  # @param urls [Array<String>] of servers, tried in turn
  # @param batch [Integer] messages in one request
  # @param pause [Numeric] seconds between two
  # @param count [Integer, nil] nil: until {#finish}
  # @param options [Hash] of Bayeux.call
  def initialize(*urls, channel:, count: nil, batch: 1, pause: 0, **options)
    @urls = urls.cycle
    @options = options
    @channel = channel
    @pause = pause
    @taken = []
    @refusals = []
    @thread = Thread.new do
      (0...count).each_slice(batch) { |numbers| @finishing ? break : bring(numbers) }
    end
    @thread.report_on_exception = false # wait raises it
  end

  def wait(seconds: 60)
    @thread.join(seconds) or raise "not all was published in #{seconds} s: #{taken.size}, #{refusals.tally}"
    taken
  end

  # Begins no other batch.
  def finish(...)
    @finishing = true
    wait(...)
  end

  # Waits until that many were acknowledged.
  def wait_for(count, seconds: 30)
    deadline = now + seconds
    until taken.size >= count
      raise "only #{taken.size} were published in #{seconds} s, #{refusals.tally}" if now > deadline || !@thread.alive?

      sleep 0.01
    end
  end

  private

  def bring(numbers)
    messages = numbers.map { |n| { "channel" => @channel, "id" => "n#{n}", "data" => { "id" => "n#{n}", "n" => n } } }
    deadline = now + 30
    until messages.empty?
      raise "no server took #{messages.first} in 30 s" if now > deadline

      messages = send(messages)
      sleep messages.empty? ? @pause : 0.1
    end
  end

  # @return [Array<Hash>] those that are to be sent again
  def send(messages)
    replies = Bayeux.call(@urls.next, messages, **@options).to_h { |reply| [reply["id"], reply] }
    taken_now, refused = messages.partition { |message| replies.fetch(message["id"])["successful"] }
    taken.concat(taken_now.map { |message| message["data"]["n"] })
    refusals.concat(refused.map { |message| replies[message["id"]]["error"] })
    refused
  rescue SystemCallError, IOError, Timeout::Error, JSON::ParserError => e # away; and what a proxy says then
    refusals << e.class.name
    messages
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
