# frozen_string_literal: true

# An application of one action, which saves a record that is pushed. DATABASE_URL names its database.

require "active_record"
require "pushable"

ActiveRecord::Base.establish_connection(ENV.fetch("DATABASE_URL"))

class Visit < ActiveRecord::Base
  push create: :collections

  # SQLite waits for another thread of this process without letting it go on.
  ALONE = Mutex.new

  def self.note
    connection_pool.with_connection { ALONE.synchronize { create!(name: "Ann") } }
  end
end

run ->(_env) { [200, { "content-type" => "text/plain" }, [Visit.note.id.to_s]] }
