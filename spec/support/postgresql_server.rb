# frozen_string_literal: true

require "pg"
require_relative "private_server"

class PostgresqlServer < PrivateServer
  USER = "pushable"

  private

  def prepare
    run(program("initdb"), "--pgdata", data, "--username", USER, "--auth", "trust", "--encoding", "UTF8", "--no-locale",
        "--no-sync")
  end

  def command
    settings = { listen_addresses: "", unix_socket_directories: @directory, fsync: "off", synchronous_commit: "off",
                 full_page_writes: "off", lock_timeout: "20s", deadlock_timeout: "100ms",
                 timezone: "UTC" }
    [program("postgres"), "-D", data, *settings.flat_map { |name, value| ["-c", "#{name}=#{value}"] }]
  end

  # Its fast shutdown: waits for nobody.
  def stop_signal = "INT"

  def execute(statement)
    connection = PG.connect(host: @directory, user: USER, dbname: "postgres")
    connection.exec(statement)
  ensure
    connection&.close
  end

  def configuration(name)
    { adapter: "postgresql", host: @directory, username: USER, database: name }
  end
end
