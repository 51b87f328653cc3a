# frozen_string_literal: true

require "fileutils"
require "socket"
require "tmpdir"
require_relative "child_process"

# A redis-server for one spec: its own port and directory, every write in its append-only file.
#
#   redis = RedisServer.new
#   redis.url                        # "redis://127.0.0.1:41233"
#   redis.pause { … }                # as a machine that hangs
#   redis.stop; redis = redis.again  # the same address and files
class RedisServer < ChildProcess
  attr_reader :port, :socket

  def self.free_port = TCPServer.open("127.0.0.1", 0) { |free| free.addr[1] }

  # @param settings [Hash] as in redis.conf
  def initialize(port: self.class.free_port, directory: nil, **settings)
    @port = port
    @settings = settings
    @directory = directory || Dir.mktmpdir("pushable").tap { |path| at_exit { FileUtils.rm_rf(path) } }
    @socket = File.join(@directory, "redis.sock")
    super("redis-server", *arguments, chdir: @directory)
    wait_for_output(/Ready to accept connections/)
  end

  def url = "redis://127.0.0.1:#{port}"

  # Another process with the same settings and files, and the same address or another.
  def again(**address)
    self.class.new(port:, directory: @directory, **@settings, **address)
  end

  def pause
    signal("STOP")
    yield
  ensure
    signal("CONT")
  end

  # Its files as they are now, for {#restore_files} when it has stopped.
  def keep_files
    FileUtils.cp_r(files, older)
  end

  def restore_files
    FileUtils.rm_r(files)
    FileUtils.mv(older, files)
  end

  private

  def files = File.join(@directory, "appendonlydir")
  def older = File.join(@directory, "older")

  def arguments
    { port:, bind: "127.0.0.1", unixsocket: @socket, dir: @directory, save: "", appendonly: "yes",
      appendfsync: "always" }.merge(@settings).flat_map { |name, value| ["--#{name.to_s.tr("_", "-")}", value.to_s] }
  end
end
