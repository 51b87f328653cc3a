# frozen_string_literal: true

require "trilogy"
require_relative "private_server"

class MariadbServer < PrivateServer
  private

  def prepare = run("mkdir", data)

  # Without users and their rights it needs no system tables, and so no installation into its directory.
  def command
    [program("mariadbd"), "--no-defaults", "--datadir=#{data}", "--socket=#{socket}", "--skip-networking",
     "--skip-grant-tables", "--innodb-flush-log-at-trx-commit=0", "--innodb-lock-wait-timeout=20",
     "--character-set-server=utf8mb4"]
  end

  def stop_signal = "TERM"

  def execute(statement)
    connection = Trilogy.new(socket:)
    connection.query(statement)
  ensure
    connection&.close
  end

  def configuration(name)
    { adapter: "trilogy", socket:, database: name, encoding: "utf8mb4" }
  end

  def socket = File.join(@directory, "socket")
end
