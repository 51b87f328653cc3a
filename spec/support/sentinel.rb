# frozen_string_literal: true

require_relative "redis_server"

# A Redis with a replica, and the sentinel that makes the replica the master when the master is gone.
class Sentinel < ChildProcess
  NAME = "pushable"
  CONFIGURATION = <<~CONF.freeze
    port %<port>d
    bind 127.0.0.1
    dir %<directory>s
    sentinel monitor #{NAME} 127.0.0.1 %<master>d 1
    sentinel down-after-milliseconds #{NAME} 500
    sentinel failover-timeout #{NAME} 2000
  CONF

  # @return [RedisServer]
  attr_reader :master, :replica

  def initialize
    @master = RedisServer.new
    @replica = RedisServer.new(replicaof: "127.0.0.1 #{@master.port}", repl_diskless_sync_delay: 0)
    @replica.wait_for_output(/MASTER <-> REPLICA sync: Finished with success/)
    @port = TCPServer.open("127.0.0.1", 0) { |free| free.addr[1] }
    @directory = Dir.mktmpdir("pushable")
    file = File.join(@directory, "sentinel.conf") # it writes what it finds into it
    File.write(file, format(CONFIGURATION, port: @port, directory: @directory, master: @master.port))
    super("redis-server", file, "--sentinel")
    wait_for_output(/\+slave slave/)
  end

  def url = "redis-sentinel://127.0.0.1:#{@port}?sentinelMasterId=#{NAME}"

  def stop(...)
    super
    [@replica, @master].each { |redis| redis.stop if redis.running? }
  ensure
    FileUtils.remove_entry(@directory)
  end
end
