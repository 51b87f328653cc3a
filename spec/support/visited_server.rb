# frozen_string_literal: true

require "net/http"
require "rbconfig"
require "socket"
require "sqlite3"
require "tmpdir"
require_relative "child_process"

# The application of visits.ru in a server that forks, with a database of its own.
#
#   server = VisitedServer.new("puma", "workers 2", "PUSHABLE_SERVER" => url)
#   visits = server.visit            # requests by 4 clients, as long as it answers
#   server.wait_for_visits(60)
#   server.stop
#   visits.join
#   server.rows                      # the ids of what was saved
class VisitedServer < ChildProcess
  CLIENTS = 4
  MOST = 5000 # requests of each
  BIND = { "puma" => "bind 'tcp://127.0.0.1:%d'", "unicorn" => "listen '127.0.0.1:%d'" }.freeze

  # @param name [String] puma or unicorn
  # @param settings [String] lines of its configuration
  def initialize(name, settings, env)
    @directory = Dir.mktmpdir("pushable")
    @port = TCPServer.open("127.0.0.1", 0) { |server| server.addr[1] }
    @visits = Thread::Queue.new
    create_table
    super(RbConfig.ruby, "-rbundler/setup", "-I#{ROOT}/lib", Gem.bin_path(name, name), configuration(name, settings),
          File.join(__dir__, "visits.ru"), chdir: @directory,
                                           env: { "RACK_ENV" => "production", "DATABASE_URL" => url }.merge(env))
    wait_until("it answers") { request }
  end

  # Visits as long as there is someone who answers; not for ever.
  #
  # @return [Thread] whose value is whether the server was gone first
  def visit
    Thread.new { Array.new(CLIENTS) { Thread.new { request_again_and_again } }.map(&:value).all? }
  end

  def wait_for_visits(count)
    wait_until("there were #{count} visits") { @visits.size >= count }
  end

  def stop(...)
    super.tap { @stopped = true }
  end

  # @return [Array<Integer>]
  def rows
    SQLite3::Database.new(database).execute("SELECT id FROM visits").flatten
  end

  private

  # @return [Boolean] whether the server was gone first
  def request_again_and_again
    MOST.times.any? do
      @visits << true if request
      sleep 0.02
      @stopped
    end
  end

  def url = "sqlite3:#{database}?timeout=10000"
  def database = File.join(@directory, "database")

  def create_table
    SQLite3::Database.new(database).execute_batch(<<~SQL)
      PRAGMA journal_mode = wal;
      CREATE TABLE visits (id integer PRIMARY KEY AUTOINCREMENT, name text);
    SQL
  end

  def configuration(name, settings)
    path = File.join(@directory, "configuration")
    File.write(path, "#{format(BIND.fetch(name), @port)}\n#{settings}\n")
    "-#{name == "puma" ? "C" : "c"}#{path}"
  end

  # @return [Boolean] whether it was answered; not by a server that is about to leave, or is not there yet
  def request
    Net::HTTP.get_response(URI("http://127.0.0.1:#{@port}/")).is_a?(Net::HTTPSuccess) or
      raise "the application failed:\n#{output}"
  rescue Errno::ECONNREFUSED, Errno::ECONNRESET, EOFError
    false
  end

  def wait_until(what, seconds = 40)
    deadline = now + seconds
    until yield
      raise "waited in vain until #{what}:\n#{output}" if now > deadline || !running?

      sleep 0.01
    end
  end
end
