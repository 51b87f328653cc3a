# frozen_string_literal: true

require "active_record"
require "tmpdir"

# A real database, as a Rails app would have set Active Record up: SQLite in memory, or a server of its own when
# PUSHABLE_TEST_DATABASE names one. What needs a second database, or several connections on SQLite, inherits from
# FileRecord: an in-memory database belongs to one connection alone.
module Database
  SERVERS = { postgresql: "PostgresqlServer", mariadb: "MariadbServer" }.freeze

  # How each makes a key itself, and a column by a trigger.
  OWN_KEYS = { sqlite: { type: :string, default: -> { "(lower(hex(randomblob(16))))" } },
               postgresql: { type: :uuid, default: -> { "gen_random_uuid()" } },
               mariadb: { type: :string, limit: 36, default: -> { "uuid()" } } }.freeze
  OWN_CODES = {
    sqlite: <<~SQL,
      CREATE TRIGGER code AFTER INSERT ON parcels
      BEGIN UPDATE parcels SET code = 'P-' || NEW.label WHERE rowid = NEW.rowid; END
    SQL
    postgresql: <<~SQL,
      CREATE FUNCTION code() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN NEW.code := 'P-' || NEW.label; RETURN NEW; END $$;
      CREATE TRIGGER code BEFORE INSERT ON parcels FOR EACH ROW EXECUTE FUNCTION code()
    SQL
    mariadb: "CREATE TRIGGER code BEFORE INSERT ON parcels FOR EACH ROW SET NEW.code = CONCAT('P-', NEW.label)"
  }.freeze

  SCHEMA = lambda do |_|
    create_table(:families) do |t|
      t.string :name
      t.timestamps
    end
    create_table(:members) do |t|
      t.references :family
      t.string :name
      t.integer :age
      t.timestamps
    end
    create_table(:animals) do |t|
      t.string :type
      t.string :name
    end
    create_table(:admin_users) { |t| t.string :name }
    create_table(:codes, primary_key: :code, id: :string) { |t| t.string :label }
    create_table(:seats, primary_key: %i[row number]) do |t|
      t.string :row
      t.integer :number
      t.boolean :taken, default: false
    end
    create_table(:documents) do |t|
      t.string :title
      t.integer :lock_version, default: 0
    end
    create_table(:accounts) do |t|
      t.string :email
      t.string :password_digest
      t.string :key
      t.string :ssn
    end
    create_table(:oddities) do |t|
      t.string :collection_channel
      t.string :instance_channel
      t.string :push
    end
    create_table(:notices) do |t|
      t.text :text
      t.string :target
      t.binary :picture
    end
    create_table(:tags) do |t|
      t.references :owner, polymorphic: true
      t.string :label
    end
    create_table(:parcels, id: OWN_KEYS.fetch(Database.kind)) do |t|
      t.string :label
      t.string :code
      t.datetime :posted_at, precision: nil, default: -> { "CURRENT_TIMESTAMP" }
    end
    execute(OWN_CODES.fetch(Database.kind))
    create_table(:specimens) do |t|
      t.string :string
      t.text :text
      t.integer :integer
      t.bigint :bigint
      t.float :float
      t.decimal :decimal, precision: 20, scale: 4
      t.decimal :whole, precision: 20, scale: 0
      t.boolean :boolean
      t.date :date
      t.datetime :datetime, precision: 6
      t.time :time
      t.binary :binary
      t.json :json
      t.text :serialized
      t.integer :state
    end
  end

  module_function

  # @return [Symbol] :sqlite, :postgresql or :mariadb
  def kind
    ENV.fetch("PUSHABLE_TEST_DATABASE", "sqlite").to_sym
  end

  # @param path [String] where SQLite keeps the database; a server makes a new one
  def connect(base, path)
    base.establish_connection(server&.create_database || { adapter: "sqlite3", database: path, timeout: 10_000 })
    base.connection_pool.with_connection do |connection|
      ActiveRecord::Migration.suppress_messages { connection.instance_exec(nil, &SCHEMA) }
    end
  end

  # The one server of this run; none for SQLite.
  def server
    return if kind == :sqlite

    @server ||= begin
      require_relative "#{kind}_server"
      Object.const_get(SERVERS.fetch(kind)).new
    end
  end
end

ActiveRecord::Base.time_zone_aware_attributes = true
ActiveRecord::Base.cache_timestamp_format = :usec
if defined?(ActiveRecord::Encryption)
  ActiveRecord::Encryption.configure(primary_key: "p" * 32, deterministic_key: "d" * 32, key_derivation_salt: "s" * 32)
end
Time.zone_default = Time.find_zone!("UTC")
Database.connect(ActiveRecord::Base, ":memory:")
