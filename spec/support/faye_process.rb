# frozen_string_literal: true

require "net/http"
require "rbconfig"
require_relative "child_process"

# A real `rake faye:start` in a process of its own.
#
#   faye = FayeProcess.start(verbose: true)      # any free port; waits until it listens
#   faye.url                                     # "http://127.0.0.1:40817/faye"
#   faye.metric(:clients)                        # 3: what /metrics says
#   faye.stop                                    # TERM, waits, returns the Process::Status
#   FayeProcess.start(port: faye.port)           # the same address again
class FayeProcess < ChildProcess
  LISTENING = %r{is listening on (https?://\S+:(\d+)/faye)\b}

  class << self
    # The command line of the task, for those who want to run it another way.
    #
    # @param requires [Array<String>] files that the server loads first
    def command(options = {}, requires: [])
      [RbConfig.ruby, "-rbundler/setup", *requires.map { |file| "-r#{file}" }, Gem.bin_path("rake", "rake"),
       "faye:start", *options.map { |name, value| "#{name}=#{value}" }]
    end

    # Starts the server and waits until it listens.
    #
    # @param options [Hash] of the task: port (default: any free one), verbose, key, cert, host
    # @param env [Hash] environment variables, and @param spawn [Hash] options of Process.spawn
    # @raise [RuntimeError] with the server's output when it does not come up
    def start(chdir: ChildProcess::ROOT, env: {}, spawn: {}, requires: [], **options)
      process = new({ port: 0 }.merge(options), chdir:, env:, spawn:, requires:)
      process.wait_until_listening
      process
    end
  end

  attr_reader :url, :port

  def initialize(options, chdir:, env:, spawn:, requires: [])
    super(*self.class.command(options, requires:), env:, chdir:, **spawn)
  end

  def wait_until_listening(seconds = 30)
    wait_for_output(LISTENING, seconds)
    @url, port = output.match(LISTENING).captures
    @port = port.to_i
  end

  # @param name [Symbol] without pushable_
  # @param options [Hash] of Net::HTTP.start, such as ca_file
  # @return [Integer]
  # @raise [ArgumentError] when there is no such metric
  def metric(name, **options)
    uri = URI(url)
    text = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https", **options) { |http| http.get("/metrics").body }
    Integer(text[/^pushable_#{name} (\d+)$/, 1] || raise(ArgumentError, "no metric #{name} in:\n#{text}"))
  end
end
