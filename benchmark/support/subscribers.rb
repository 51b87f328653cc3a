# frozen_string_literal: true

require_relative "program"

module Bench
  # Subscribers of one channel, each with a websocket, all in one process (subscribers.c).
  class Subscribers
    # microseconds: from the first publish to the last arrival; the subscribers' own CPU; the ages of the messages
    Result = Struct.new(:wall, :cpu, :p50, :p99, :oldest)

    # @param server [FanServers::Program] and @param count [Integer] of subscribers
    def initialize(server, count, channel)
      path, *subprotocol = server.class::SUBSCRIBING
      program = Program.compile("subscribers", %w[subscribers.c])
      @what = "#{server.class::TITLE}, #{count} subscribers"
      @pipe = IO.popen([program, server.port.to_s, path, count.to_s, channel, *subprotocol, FanServers::FILES], "r+")
      answer
    end

    # Tells them how many messages to wait for; the block publishes those.
    # @return [Result]
    def await(messages)
      @pipe.puts(messages)
      start = Process.clock_gettime(Process::CLOCK_MONOTONIC, :microsecond)
      yield
      last, *rest = answer.split.map(&:to_i)
      Result.new(last - start, *rest)
    end

    def stop
      @pipe.close
    end

    private

    def answer
      @pipe.gets || abort("#{$PROGRAM_NAME}: #{@what}: see above")
    end
  end
end
