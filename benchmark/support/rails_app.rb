# frozen_string_literal: true

# The smallest Rails app that `broadcasts_to` works in. It logs nothing, which flatters `broadcasts_to`: the lines that
# Active Job, Action View and Action Cable write about every one are neither made nor written.
ENV["RAILS_ENV"] = "production"
ENV["DATABASE_URL"] = "sqlite3::memory:" # Rails wants one; Database.open replaces it

require "rails"
require "active_record/railtie"
require "active_job/railtie"
require "action_controller/railtie"
require "action_view/railtie"
require "action_cable/engine"
require "turbo-rails"

module Bench
  # Its folder holds the controller and the view.
  class RailsApp < Rails::Application
    config.load_defaults 7.2
    config.root = File.expand_path("app", __dir__)
    config.secret_key_base = "a benchmark keeps no secrets"
    config.eager_load = true
    config.enable_reloading = false # as production has it: templates are compiled once
    config.logger = Logger.new(nil)
    config.log_level = :fatal
    config.active_job.queue_adapter = :async
    config.active_job.logger = nil
  end
end

Bench::RailsApp.initialize!
ActiveRecord::Base.logger = nil
ActionCable.server.config.cable = { "adapter" => "async" }
