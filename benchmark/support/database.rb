# frozen_string_literal: true

require "active_record"
require "active_support/core_ext/time"
require "tmpdir"

# Instants as a Rails app has them.
Time.zone_default = Time.find_zone!("UTC")
ActiveRecord::Base.time_zone_aware_attributes = true

module Bench
  # Where the records are kept: SQLite in memory, where a save costs least, and in a file whose journal is a WAL, as a
  # Rails app has it by default.
  module Database
    MEMORY = "memory"
    WAL = "WAL file"

    module_function

    # Connects every model to a new, empty database.
    # @param name [String] MEMORY or WAL
    def open(name)
      path = name == WAL ? File.join(folder, "bench.sqlite3") : ":memory:"
      ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: path)
      create_members
      journal = ActiveRecord::Base.connection.select_value("PRAGMA journal_mode")
      abort "#{$PROGRAM_NAME}: the journal of #{path} is #{journal}, no WAL" if name == WAL && journal != "wal"
    end

    def folder
      Dir.mktmpdir("pushable-bench").tap { |path| at_exit { FileUtils.remove_entry(path) } }
    end

    def create_members
      ActiveRecord::Schema.verbose = false
      ActiveRecord::Schema.define do
        create_table :members do |t|
          t.string :name, :email, :nickname
          t.text :bio
          t.boolean :active
          t.decimal :balance, precision: 10, scale: 2
          t.float :score
          t.timestamps
        end
      end
    end
  end
end
