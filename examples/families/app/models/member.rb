# frozen_string_literal: true

class Member < ApplicationRecord
  belongs_to :family

  validates :name, presence: true, length: { maximum: 40 }

  push create: :collections,
       update: %i[collections instances],
       destroy: %i[collections instances]

  def collection_channel
    "family_#{family_id}_members"
  end
end
