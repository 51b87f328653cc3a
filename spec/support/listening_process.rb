# frozen_string_literal: true

require "tempfile"

# A server in a process of its own, that says on its output where it listens. A subclass says how it is started:
# initialize calls launch with a command line and what that line looks like, the port its capture named "port".
#
# Whatever a spec leaves running is killed when the suite ends.
class ListeningProcess
  ROOT = File.expand_path("../..", __dir__)

  # Of all subclasses.
  def self.running = @running ||= []

  at_exit { running.dup.each(&:kill) }

  attr_reader :pid, :port

  # Everything the server has printed so far.
  def output
    File.read(@log.path)
  end

  # Waits until the server has printed what is asked for.
  #
  # @return [MatchData]
  def wait_for_output(pattern, seconds = 30)
    deadline = now + seconds
    until (found = output.match(pattern))
      raise "#{name} ended (#{@status}) before it printed #{pattern.inspect}:\n#{output}" unless running?
      raise "#{name} has not printed #{pattern.inspect} in #{seconds} s:\n#{output}" if now > deadline

      sleep 0.01
    end
    found
  end

  def running?
    return false if @status

    _, @status = Process.wait2(@pid, Process::WNOHANG)
    ListeningProcess.running.delete(self) if @status
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
    raise "#{name} was still there after #{seconds} s:\n#{output}"
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

  def launch(*command, env: {}, chdir: ROOT, **options)
    @log = Tempfile.new(name)
    @status = nil
    @pid = Process.spawn(env, *command, chdir:, out: @log.path, err: %i[child out], **{ in: File::NULL }, **options)
    ListeningProcess.running << self
  end

  def wait_for_port(pattern)
    wait_for_output(pattern).tap { |found| @port = Integer(found[:port]) }
  end

  def name = self.class.name

  def gone_within?(seconds)
    deadline = now + seconds
    sleep 0.005 while running? && now < deadline
    !@status.nil?
  end

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
