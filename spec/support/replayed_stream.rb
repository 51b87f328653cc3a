# frozen_string_literal: true

require_relative "bayeux"
require_relative "faye_process"
require_relative "faye_subscriber"
require_relative "tcp_relay"

# A stream of numbered messages to a client that loses its connection now and then, and sometimes its server.
#
# A connection is lost as by a network: some messages go into it and nowhere, then it is gone. What the restarted server
# takes before the client is back is lost to the client, which has to be told so; but not with Redis.
class ReplayedStream
  MESSAGES = 2000
  BATCH = 10
  CUTS = 8
  RESTARTS = %w[TERM KILL].freeze
  # So many the publisher may be ahead of the client; the server keeps a few more than twice as many.
  LEAD = 200
  CHANNEL = "/sync/members"

  # @return [Integer] messages published while a connection led nowhere
  attr_reader :swallowed

  # @param transport [String] and @param seed [Integer] of the course of events
  # @param options [Hash] of the task; with redis nothing is lost with a server
  def initialize(transport:, seed:, **options)
    @random = Random.new(seed)
    @options = { replay_messages: 500, **options }
    @faye = FayeProcess.start(**@options)
    @relay = TcpRelay.new(@faye.port)
    @subscriber = FayeSubscriber.start(@relay.url, CHANNEL, transport:, replay: {}, retry: 0.1)
    @published = @swallowed = 0
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
    last = 0
    story.filter_map do |step|
      next (last = nil) if step == :resync

      text = "#{step} after #{last}" unless last ? step == last + 1 : step <= MESSAGES
      last = step
      text
    end
  end

  def resyncs = story.count(:resync)

  # So often the server has ended.
  def restarts = RESTARTS.size - @restarts.size

  def stop
    @subscriber&.stop
    @relay&.stop
    @faye&.stop
  end

  private

  # For each batch, what happens before it. A fault publishes up to ten batches itself, and all come before the end.
  def course
    batches = MESSAGES / BATCH
    faults = ([:cut] * CUTS) + ([:restart] * RESTARTS.size)
    places = [*5...(batches - (10 * faults.size))].sample(faults.size, random: @random)
    Array.new(batches) { [] }.tap do |all|
      faults.zip(places) { |fault, place| all[place] << fault }
    end
  end

  def cut
    wait_for(@published)
    swallow
    @relay.cut
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
    before = resyncs
    signal = @restarts.shift
    signal == "KILL" ? @faye.kill : @faye.stop(signal)
    @faye = FayeProcess.start(**@options, port: @faye.port)
    @random.rand(0..5).times { publish }
    return if @options[:redis] # all is kept

    @subscriber.wait_until("it is told to fetch") { resyncs > before }
    @told = @published # what it missed may be all there is
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
    @subscriber.wait_until("it has #{number}", 60) do
      [@told.to_i, @subscriber.lines("channel").last&.dig("data", "n").to_i].max >= number
    end
  end

  def story
    @subscriber.lines("channel", "resync").map { |line| line.key?("resync") ? :resync : line["data"]["n"] }
  end
end
