# frozen_string_literal: true

require "json"
require "net/http"
require "uri"
require_relative "program"

module Bench
  # A process that answers publishes as Faye does, at next to no cost (sink.c): each message's id, successful. It takes
  # a JSON array or a message alone, as a body or in the form field `message`, and keeps connections open when asked.
  class Sink
    # @return [Sink] listening on a free port
    def self.start
      program = Program.compile("sink", %w[sink.c sink_body.c sink_body.h])
      input, keep = IO.pipe # it ends with this process, however that ends
      output, report = IO.pipe
      pid = Process.spawn(program, in: input, out: report)
      [input, report].each(&:close)
      port = output.gets || abort("#{$PROGRAM_NAME}: the sink does not start")
      output.close
      new(pid, keep, Integer(port))
    end

    # As Faye would have it, and as AnyCable.
    attr_reader :url, :anycable_url

    def initialize(pid, keep, port)
      @pid = pid
      @keep = keep
      @base = "http://127.0.0.1:#{port}"
      @url = "#{@base}/faye"
      @anycable_url = "#{@base}/_broadcast"
    end

    # @return [Integer] the messages it has answered
    def count
      counts[:messages]
    end

    # @return [Hash{Symbol => Integer}] messages, resyncs, posts and connections; doubled: ids that came again, or after
    #   younger ones; missing: ids that were left out; held: see {#hold}
    def counts
      JSON.parse(get("counts"), symbolize_names: true)
    end

    # Waits until it has so many messages.
    def await(count)
      get("await/#{count}")
    end

    # While the block runs, a POST is read and counted, and waits for its answer; {#counts} says how many are `held`.
    def hold
      get("hold")
      yield
    ensure
      get("release")
    end

    # @return [Array<Integer>] of the messages since the last call: the microseconds since the `sent` of their objects
    def lags
      JSON.parse(get("lags"))
    end

    def stop
      @keep.close
      Process.wait(@pid)
    end

    private

    def get(path)
      Net::HTTP.get(URI("#{@base}/#{path}"))
    end
  end
end
