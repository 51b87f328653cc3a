# frozen_string_literal: true

require "rbconfig"
require "tempfile"

# A real `rake faye:start` in a process of its own.
#
#   faye = FayeProcess.start(verbose: true)      # any free port; waits until it listens
#   faye.url                                     # "http://127.0.0.1:40817/faye"
#   faye.stop                                    # TERM, waits, returns the Process::Status
#   FayeProcess.start(port: faye.port)           # the same address again
#
# Whatever a spec leaves running is killed when the suite ends.
class FayeProcess
  ROOT = File.expand_path("../..", __dir__)
  LISTENING = %r{is listening on (https?://\S+:(\d+)/faye)\b}

  class << self
    # The command line of the task, for those who want to run it another way.
    def command(options = {})
      [RbConfig.ruby, "-rbundler/setup", Gem.bin_path("rake", "rake"), "faye:start",
       *options.map { |name, value| "#{name}=#{value}" }]
    end

    # Starts the server and waits until it listens.
    #
    # @param options [Hash] of the task: port (default: any free one), verbose, key, cert, host
    # @param env [Hash] environment variables, and @param spawn [Hash] options of Process.spawn
    # @raise [RuntimeError] with the server's output when it does not come up
    def start(chdir: ROOT, env: {}, spawn: {}, **options)
      process = new({ port: 0 }.merge(options), chdir:, env:, spawn:)
      process.wait_until_listening
      process
    end

    def running
      @running ||= []
    end
  end

  at_exit { running.dup.each(&:kill) }

  attr_reader :pid, :url, :port

  def initialize(options, chdir:, env:, spawn:)
    @log = Tempfile.new("faye")
    @pid = Process.spawn(env, *self.class.command(options), chdir:, in: File::NULL, out: @log.path,
                                                            err: %i[child out], **spawn)
    self.class.running << self
  end

  # Everything the server has printed so far.
  def output
    File.read(@log.path)
  end

  def wait_until_listening(seconds = 30)
    wait_for_output(LISTENING, seconds)
    @url, port = output.match(LISTENING).captures
    @port = port.to_i
  end

  # Waits until the server has printed what is asked for.
  def wait_for_output(pattern, seconds = 20)
    deadline = now + seconds
    until output.match?(pattern)
      raise "faye:start ended (#{@status}) before it printed #{pattern.inspect}:\n#{output}" unless running?
      raise "faye:start has not printed #{pattern.inspect} in #{seconds} s:\n#{output}" if now > deadline

      sleep 0.02
    end
  end

  def running?
    return false if @status

    _, @status = Process.wait2(@pid, Process::WNOHANG)
    self.class.running.delete(self) if @status
    @status.nil?
  end

  # Asks it to leave, and waits for that.
  #
  # @return [Process::Status]
  # @raise [RuntimeError] when it had to be killed
  def stop(signal = "TERM", seconds: 20)
    Process.kill(signal, @pid) if running?
    wait(seconds:)
  end

  # Waits until it has ended.
  #
  # @return [Process::Status]
  # @raise [RuntimeError] when it had to be killed
  def wait(seconds: 20)
    return @status if gone_within?(seconds)

    kill
    raise "faye:start was still there after #{seconds} s:\n#{output}"
  end

  # No goodbye: what a crash looks like to its clients.
  #
  # @return [Process::Status]
  def kill
    Process.kill("KILL", @pid) if running?
    gone_within?(20)
    @status
  end

  private

  def gone_within?(seconds)
    deadline = now + seconds
    sleep 0.01 while running? && now < deadline
    !@status.nil?
  end

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
