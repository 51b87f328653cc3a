# frozen_string_literal: true

require_relative "child_process"

# Many real Faye clients (npm's, in one node), all on one channel.
#
#   herd = FayeHerd.new(faye.url, "/sync/members", 50)   # waits until all are subscribed
#   herd.mark                                            # only what comes later counts
#   herd.wait_until_all("subscribed")
class FayeHerd < ChildProcess
  SCRIPT = File.expand_path("faye_herd.js", __dir__)

  # @param transport [String] "websocket" or "long-polling"
  def initialize(url, channel, size, transport: "websocket")
    @size = size
    @seen = 0
    stdin, @stdin = IO.pipe
    super("node", SCRIPT, url, transport, channel, size.to_s, in: stdin)
    stdin.close
    wait_until_all("subscribed")
  end

  # Forgets what they have said so far.
  def mark
    @seen = output.lines.size
  end

  # @return [Array<Hash>] what they have said of a thing
  def lines(key)
    complete = output.lines.drop(@seen).select { |line| line.end_with?("\n") }
    complete.map { |line| JSON.parse(line) }.select { |line| line.key?(key) }
  end

  # Waits until each of them has said it.
  def wait_until_all(key, seconds = 60)
    deadline = now + seconds
    until (said = lines(key).map { |line| line[key] }.uniq.size) == @size
      raise "#{said} of #{@size} clients say #{key}:\n#{output}" if now > deadline || !running?

      sleep 0.05
    end
  end

  def leave
    @stdin.close
    wait
  end
end
