# frozen_string_literal: true

require "tempfile"

# A program in a process of its own, with all that it prints kept. A subclass says what is run.
#
# Whatever a spec leaves running is killed when the suite ends.
class ChildProcess
  ROOT = File.expand_path("../..", __dir__)

  class << self
    def running
      @@running ||= [] # rubocop:disable Style/ClassVars -- one list of all kinds
    end
  end

  at_exit { running.dup.each(&:kill) }

  attr_reader :pid

  # @param command [Array<String>] and @param env [Hash] environment variables
  # @param spawn [Hash] options of Process.spawn
  def initialize(*command, env: {}, **spawn)
    @name = self.class.name
    @log = Tempfile.new("output")
    options = { chdir: ROOT, in: File::NULL, out: @log.path, err: %i[child out] }.merge(spawn)
    @pid = Process.spawn(env, *command, **options)
    ChildProcess.running << self
  end

  # Everything it has printed so far.
  def output
    File.read(@log.path)
  end

  # Waits until it has printed what is asked for.
  def wait_for_output(pattern, seconds = 20)
    deadline = now + seconds
    until output.match?(pattern)
      raise "#{@name} ended (#{@status}) before it printed #{pattern.inspect}:\n#{output}" unless running?
      raise "#{@name} has not printed #{pattern.inspect} in #{seconds} s:\n#{output}" if now > deadline

      sleep 0.02
    end
  end

  def running?
    return false if @status

    _, @status = Process.wait2(@pid, Process::WNOHANG)
    ChildProcess.running.delete(self) if @status
    @status.nil?
  end

  def signal(name)
    Process.kill(name, @pid) if running?
  end

  # Asks it to leave, and waits for that.
  #
  # @return [Process::Status]
  # @raise [RuntimeError] when it had to be killed
  def stop(name = "TERM", seconds: 20)
    signal(name)
    wait(seconds:)
  end

  # Waits until it has ended.
  #
  # @return [Process::Status]
  # @raise [RuntimeError] when it had to be killed
  def wait(seconds: 20)
    return @status if gone_within?(seconds)

    kill
    raise "#{@name} was still there after #{seconds} s:\n#{output}"
  end

  # No goodbye: what a crash looks like to its peers.
  #
  # @return [Process::Status]
  def kill
    signal("KILL")
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
