# frozen_string_literal: true

require "logger"
require "stringio"
require_relative "models"
require_relative "waiting"

# For examples marked :pushing: every one starts with default settings, :test delivery and empty tables, and nothing of
# it is left behind.
module Pushing
  include Waiting

  module_function

  # Every setting as a fresh process has it, without the network.
  def reset
    fresh = Pushable::Configuration.new({})
    Pushable.configure do |config|
      names = %i[server secret previous_secrets authorize secret_columns ca_file verify]
      names += fresh.class::SECONDS.keys + fresh.class::SIZES.keys
      names.each { |name| config.public_send(:"#{name}=", fresh.public_send(name)) }
      config.public_url = nil
      config.delivery_method = :test
    end
    Pushable.deliveries.clear
  end

  def empty_tables
    ActiveRecord::Base.connection_pool.with_connection do |connection|
      connection.tables.each { |table| connection.execute("DELETE FROM #{connection.quote_table_name(table)}") }
    end
  end

  # @return [Array<Hash>] what the block pushed
  def pushes
    Pushable.deliveries.clear
    yield
    Pushable.deliveries.dup
  end

  # @return [Array] what the block pushed, in short: [["family_1_members", "create"], ...]
  def events(&)
    pushes(&).map { |message| [message["channel"].delete_prefix("/sync/"), message["data"]["event"]] }
  end

  # @return [String] what Pushable logged so far in this example
  def log
    @log.string
  end
end

RSpec.configure do |config|
  # Read by bin/test --matrix, too: what did run, not what was asked for.
  config.after(:suite) do
    adapter = ActiveRecord::Base.connection_db_config.adapter
    puts "", "", "Ran on Rails #{ActiveRecord.version}, Ruby #{RUBY_VERSION}, #{adapter}"
  end
  # On another database than SQLite runs what is about records: the examples marked :pushing, but those that name the
  # databases they are for.
  config.filter_run_including(:pushing) unless Database.kind == :sqlite
  config.filter_run_excluding(databases: ->(kinds) { !kinds.include?(Database.kind) })
  config.include Pushing, :pushing
  config.before(:each, :pushing) do
    @log = StringIO.new
    Pushable.logger = Logger.new(@log)
    Pushing.empty_tables
    Pushing.reset
  end
  config.after(:each, :pushing) do
    Pushable.shutdown(0) # what an example left waiting, for a server that was never there
    Pushing.reset
    Pushable.logger = nil
    ActiveRecord::Base.connection_pool.release_connection # a thread of a later example may need the one there is
  end
end
