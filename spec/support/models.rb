# frozen_string_literal: true

require_relative "database"
require_relative "older_rails"
require "pushable"

class Family < ActiveRecord::Base
  has_many :members, dependent: :destroy
  push update: :instances
end

class Member < ActiveRecord::Base
  belongs_to :family, optional: true
  push create: :collections, update: %i[collections instances], destroy: %i[collections instances]

  def collection_channel
    "family_#{family_id}_members"
  end
end

# The same table, for whom the family's updated_at is touched.
class TouchingMember < ActiveRecord::Base
  self.table_name = "members"
  belongs_to :family, touch: true
end

# The same table again, without a push.
class SilentMember < ActiveRecord::Base
  self.table_name = "members"
end

class Animal < ActiveRecord::Base
  push
end

class Dog < Animal
end

class Puppy < Dog
end

module Admin
  class User < ActiveRecord::Base
    self.table_name = "admin_users"
    push
  end
end

class Code < ActiveRecord::Base
  push
end

class Seat < ActiveRecord::Base
  push
end

class Document < ActiveRecord::Base
  push
end

# Its key and the columns code and posted_at come from the database.
class Parcel < ActiveRecord::Base
  push
end

class Account < ActiveRecord::Base
  has_secure_token :key
  encrypts :ssn
  push
end

class Oddity < ActiveRecord::Base
  push
end

# What its channel method does is written in the column +target+.
class Notice < ActiveRecord::Base
  cattr_accessor :behaviour
  push create: :collections, update: %i[collections instances], destroy: :collections

  private

  def collection_channel
    behaviour ? behaviour.call(self) : target
  end
end

# For what needs a second database or, on SQLite, several connections; connected by the specs that use it.
class FileRecord < ActiveRecord::Base
  self.abstract_class = true
end

class FileMember < FileRecord
  self.table_name = "members"
  push create: :collections
end

class Specimen < ActiveRecord::Base
  self.table_name = "specimens"
  attribute :json, :json # MariaDB keeps it as text
  serialize :serialized, coder: JSON
  enum :state, { fresh: 0, dried: 1 }
  push
end
