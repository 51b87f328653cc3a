# frozen_string_literal: true

require "etc"
require "fileutils"
require "tmpdir"

# A database server of the system's packages for this run alone: its files in a temporary directory, a socket there and
# no port, and nothing kept after a crash. It is stopped when the suite ends. Its package's own service is not touched.
#
# A subclass says how: prepare, command, stop_signal, execute and configuration.
class PrivateServer
  # Where packages put servers, besides the PATH.
  PLACES = ["/usr/sbin", "/usr/lib/postgresql/*/bin", "{/opt/homebrew,/usr/local}/opt/postgresql@*/bin"].freeze
  UNPRIVILEGED = "nobody"

  def initialize
    @directory = Dir.mktmpdir("pushable")
    @databases = 0
    own_directory if Process.uid.zero?
    stop_at_exit
    prepare
    @pid = Process.spawn(*as_user, *command, pgroup: true, **surroundings)
    wait_until_ready
  end

  # Makes an empty database.
  #
  # @return [Hash] what establish_connection takes
  def create_database
    name = "pushable_#{@databases += 1}"
    execute("CREATE DATABASE #{name}")
    configuration(name)
  end

  private

  def program(name)
    places = ENV.fetch("PATH").split(File::PATH_SEPARATOR) + PLACES
    places.flat_map { |place| Dir[File.join(place, name)] }.max or raise "#{name} is not installed; run bin/setup"
  end

  # The servers refuse to be root.
  def own_directory
    user = Etc.getpwnam(UNPRIVILEGED)
    File.chown(user.uid, user.gid, @directory)
  end

  def as_user
    return [] unless Process.uid.zero?

    user = Etc.getpwnam(UNPRIVILEGED)
    ["setpriv", "--reuid=#{user.uid}", "--regid=#{user.gid}", "--clear-groups"]
  end

  def surroundings
    { chdir: @directory, in: File::NULL, out: [log, "a"], err: %i[child out] }
  end

  def run(*command)
    system(*as_user, *command, **surroundings) or raise "#{command.first} failed:\n#{File.read(log)}"
  end

  def wait_until_ready(seconds = 60)
    deadline = now + seconds
    begin
      execute("SELECT 1")
    rescue StandardError => e # not yet; which error it is depends on the driver
      ended = Process.wait(@pid, Process::WNOHANG)
      raise "#{command.first}: #{e.message}\n#{File.read(log)}" if ended || now > deadline

      sleep 0.05
      retry
    end
  end

  def stop_at_exit
    owner = Process.pid
    at_exit do
      stop if Process.pid == owner # a forked child's end is none of the server's
    end
  end

  def stop
    if @pid
      Process.kill(stop_signal, @pid)
      Process.wait(@pid)
    end
  rescue Errno::ESRCH, Errno::ECHILD
    nil # it was gone
  ensure
    FileUtils.remove_entry(@directory)
  end

  def data = File.join(@directory, "data")
  def log = File.join(@directory, "log")
  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
