# frozen_string_literal: true

class FamiliesController < ApplicationController
  def index
    @families = Family.includes(:members).order(:id)
  end
end
