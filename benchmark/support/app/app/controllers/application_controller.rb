# frozen_string_literal: true

# Whose views the jobs of `broadcasts_to` render: it looks for a controller of this name.
class ApplicationController < ActionController::Base
end
