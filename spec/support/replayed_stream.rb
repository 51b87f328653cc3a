# frozen_string_literal: true

require_relative "bayeux"
require_relative "faye_process"
require_relative "faye_subscriber"
require_relative "tcp_relay"

# A stream of numbered messages to clients, one by each transport, that lose their connections now and then, and
# sometimes their server.
#
# A connection is lost as by a network: some messages go into it and nowhere, then it is gone. What the restarted server
# takes before the client is back is lost to the client, who has to be told so; but not with Redis.
class ReplayedStream
  MESSAGES = 2000
  BATCH = 10
  CUTS = 8
  RESTARTS = %w[TERM KILL].freeze
  # So many the publisher may be ahead of the client; the server keeps a few more than twice as many.
  LEAD = 200
  CHANNEL = "/sync/members"
  TRANSPORTS = %w[websocket long-polling].freeze

  # @return [Integer] connections lost so far, and messages published while they led nowhere
  attr_reader :cuts, :swallowed

  # @param seed [Integer] of the course of events
  # @param options [Hash] of the task; with redis nothing is lost with a server
  def initialize(seed:, **options)
    @random = Random.new(seed)
    @options = { replay_messages: 500, **options }
    @faye = FayeProcess.start(**@options)
    @relay = TcpRelay.new(@faye.port)
    @subscribers = TRANSPORTS.to_h do |transport|
      [transport, FayeSubscriber.start(@relay.url, CHANNEL, transport:, replay: {}, retry: 0.1)]
    end
    @published = @cuts = @swallowed = @told = 0
    @restarts = RESTARTS.dup
    @faults = course
  end

  # The whole of it, until the last message is there.
  def run
    while @published < MESSAGES
      @faults.shift.each { |fault| send(fault) }
      publish
      wait_for(@published - LEAD)
    end
    wait_for(@published)
  end

  # @return [Array<String>] where a message is missing, out of order or there twice, and no resync explains it
  def unexplained
    @subscribers.flat_map { |transport, subscriber| unexplained_to(subscriber).map { |text| "#{transport}: #{text}" } }
  end

  # @return [Array<Integer>] of each client, how often it was told to fetch
  def resyncs
    @subscribers.values.map { |subscriber| story(subscriber).count(:resync) }
  end

  # @return [Array<String>] of each client, the one it began with; after a restart Faye's polls first
  def transports
    @subscribers.values.map { |subscriber| subscriber.transports.first }
  end

  # So often the server has ended.
  def restarts = RESTARTS.size - @restarts.size

  def stop
    @subscribers&.each_value(&:stop)
    @relay&.stop
    @faye&.stop
  end

  private

  # For each batch, what happens before it. A fault publishes up to ten batches itself, and all come before the end.
  def course
    batches = MESSAGES / BATCH
    faults = ([:cut] * CUTS) + ([:restart] * RESTARTS.size)
    # The faults publish, too: at most 10 batches each.
    places = [*5...(batches - (10 * faults.size) - 5)].sample(faults.size, random: @random)
    Array.new(batches) { [] }.tap do |all|
      faults.zip(places) { |fault, place| all[place] << fault }
    end
  end

  def cut
    wait_for(@published)
    swallow
    @relay.cut
    @cuts += 1
  end

  def swallow
    @relay.swallow
    @random.rand(1..5).times do
      publish
      @swallowed += BATCH
    end
  end

  def restart
    wait_for(@published)
    swallow if @options[:redis]
    told = resyncs.map { |count| count + 1 }
    signal = @restarts.shift
    signal == "KILL" ? @faye.kill : @faye.stop(signal)
    @faye = FayeProcess.start(**@options, port: @faye.port)
    @random.rand(0..5).times { publish }
    return if @options[:redis] # all is kept

    @subscribers.each_value.zip(told) do |subscriber, count|
      subscriber.wait_until("it is told to fetch", 60) { story(subscriber).count(:resync) >= count }
    end
    @told = @published # what they missed may be all there is
  end

  def publish
    numbers = [*(@published + 1)..(@published + BATCH)]
    replies = Bayeux.call(@faye.url, numbers.map do |n|
      { "channel" => CHANNEL, "id" => "id-#{n}", "data" => { "id" => "id-#{n}", "n" => n } }
    end)
    raise "refused: #{replies}" unless replies.all? { |reply| reply["successful"] }

    @published += BATCH
  end

  def wait_for(number)
    return if number <= @told

    @subscribers.each_value do |subscriber|
      subscriber.wait_until("it has #{number}", 60) do
        subscriber.lines("channel").last&.dig("data", "n").to_i >= number
      end
    end
  end

  def unexplained_to(subscriber)
    last = 0
    story(subscriber).filter_map do |step|
      next (last = nil) if step == :resync

      text = "#{step} after #{last}" unless last ? step == last + 1 : step <= MESSAGES
      last = step
      text
    end
  end

  # The numbers that came, and :resync where it was told to fetch.
  def story(subscriber)
    subscriber.lines("channel", "resync").map { |line| line.key?("resync") ? :resync : line["data"]["n"] }
  end
end
