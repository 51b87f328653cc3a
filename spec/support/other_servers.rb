# frozen_string_literal: true

require "fileutils"
require "rbconfig"
require "socket"
require "tmpdir"
require_relative "child_process"

# Faye where others run it. Each has a url, and stop and kill of ChildProcess.

# Faye on Puma (config.ru beside this file): it closes the connection after each answer.
class FayeOnPuma < ChildProcess
  attr_reader :url

  def initialize(env:)
    super(RbConfig.ruby, "-rbundler/setup", Gem.bin_path("puma", "puma"), "--bind", "tcp://127.0.0.1:0",
          File.join(__dir__, "faye_on_puma.ru"), env:)
    wait_for_output(listening = %r{Listening on (http://\S+)}, 30)
    @url = "#{output[listening, 1]}/faye"
  end
end

# npm's faye.
class FayeOnNode < ChildProcess
  attr_reader :url

  def initialize(env:)
    super("node", File.join(__dir__, "faye_on_node.js"), env:)
    wait_for_output(listening = /listening on (\d+)/, 30)
    @url = "http://127.0.0.1:#{output[listening, 1]}/faye"
  end
end

# A proxy in front of another server, or of several: the later ones are asked when the first cannot be reached.
class Nginx < ChildProcess
  PLACES = "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin"
  CONFIGURATION = <<~NGINX
    daemon off;
    pid nginx.pid;
    error_log stderr;
    events {}
    http {
      access_log off;
      client_body_temp_path body;
      proxy_temp_path proxy;
      fastcgi_temp_path fastcgi;
      uwsgi_temp_path uwsgi;
      scgi_temp_path scgi;
      %<site>s
    }
  NGINX
  SITE = <<~NGINX
    map $http_upgrade $connection_upgrade {
      default upgrade;
      "" "";
    }
    upstream behind {
      %<servers>s
      keepalive 8;
    }
    server {
      listen 127.0.0.1:%<port>d;
      location / {
        proxy_pass http://behind;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
      }
    }
  NGINX

  attr_reader :url, :port

  # @param behind [Array<Integer>] the others' ports
  # @yieldparam port [Integer] where it has to listen
  # @yieldreturn [String] what the http block holds instead, if a block is given
  def initialize(*behind)
    @port = TCPServer.open("127.0.0.1", 0) { |free| free.addr[1] }
    servers = behind.each_with_index.map { |other, n| "server 127.0.0.1:#{other}#{" backup" if n.positive?};" }
    site = block_given? ? yield(@port) : format(SITE, port: @port, servers: servers.join)
    @directory = Dir.mktmpdir("pushable")
    File.chmod(0o755, @directory) # its workers may be another user
    File.write(File.join(@directory, "nginx.conf"), format(CONFIGURATION, site:))
    super("nginx", "-p", @directory, "-c", "nginx.conf", env: { "PATH" => "#{ENV.fetch("PATH")}:#{PLACES}" })
    @url = "http://127.0.0.1:#{@port}/faye"
    wait_until_open(@port)
  end

  def stop(...)
    super
  ensure
    FileUtils.remove_entry(@directory)
  end

  private

  def wait_until_open(port, seconds: 30)
    deadline = now + seconds
    TCPSocket.open("127.0.0.1", port).close
  rescue Errno::ECONNREFUSED
    raise "nginx does not listen:\n#{output}" if now > deadline || !running?

    sleep 0.02
    retry
  end
end
