# frozen_string_literal: true

require "json"
require "open3"
require_relative "tokens"

# A real Faye client (npm's, in node) that subscribes and tells what it receives.
#
#   subscriber = FayeSubscriber.start(faye.url, "/sync/members")   # waits until it is subscribed
#   subscriber.wait_for_messages(2)                                # [{ "channel" => …, "data" => … }, …]
#   subscriber.stop
#   FayeSubscriber.start(faye.url, "/sync/members", replay: { time: 0 }, retry: 0.1)   # misses nothing: replaying.js
class FayeSubscriber
  SCRIPT = File.expand_path("faye_subscriber.js", __dir__)

  # @param transport [String] "websocket" or "long-polling"
  # @param ca_file [String, nil] path of the certificate to trust
  # @param lifetimes [Hash] seconds by channel: what it shows a token for, each made when it is shown
  # @param replay [Hash, nil] what replaying.js takes; and @param options [Hash] of Faye's client, and agent
  def self.start(url, *channels, transport: "websocket", ca_file: nil, lifetimes: {}, replay: nil, **options)
    subscriber = new(url, channels, transport, ca_file, { replay:, secret: Tokens::SECRET, lifetimes:, **options })
    subscriber.wait_until("it is subscribed") { subscriber.lines("subscribed").size == channels.size }
    subscriber
  rescue StandardError
    subscriber&.stop
    raise
  end

  def initialize(url, channels, transport, certificate, options = {})
    env = certificate ? { "NODE_EXTRA_CA_CERTS" => certificate } : {}
    @stdin, stdout, @process = Open3.popen2e(env, "node", SCRIPT, url, transport, JSON.generate(options),
                                             *channels)
    @output = []
    @lines = []
    @reader = Thread.new { stdout.each_line { |line| read(line) } }
  end

  def messages
    lines("channel")
  end

  # The transports it has used, in order.
  def transports
    lines("transport").map { |line| line["transport"] }
  end

  def wait_for_messages(count, seconds: 20)
    wait_until("it has #{count} messages", seconds) { messages.size >= count }
    messages
  end

  # Waits until it has lost its server.
  def wait_until_down(seconds: 20)
    wait_until("its connection is down", seconds) { lines("down").any? }
  end

  def stop
    @stdin.close
    @process.join(10) || Process.kill("KILL", @process.pid)
    @reader.join
  end

  # What it has printed about some things, in order.
  def lines(*keys)
    @lines.dup.select { |line| keys.any? { |key| line.key?(key) } }
  end

  def wait_until(what, seconds = 20)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    until yield
      late = Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
      raise "the subscriber: waited in vain until #{what}:\n#{@output.join}" if late || !@process.alive?

      sleep 0.02
    end
  end

  private

  def read(line)
    @output << line
    @lines << JSON.parse(line, max_nesting: false)
  rescue JSON::ParserError
    nil # node's own words, e.g. a stack trace; shown by wait_until
  end
end
