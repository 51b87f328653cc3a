# frozen_string_literal: true

class Family < ApplicationRecord
  has_many :members, -> { order(:name) }, dependent: :destroy, inverse_of: :family

  validates :name, presence: true
end
