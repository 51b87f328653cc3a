# frozen_string_literal: true

require_relative "boot"

require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "action_view/railtie"

# One by one instead of Bundler.require: the repository's Gemfile also lists what only the tests need.
require "propshaft"
require "pushable"

module Families
  # Families and their members, side by side, kept true in every window.
  class Application < Rails::Application
    config.load_defaults 7.2
    config.eager_load = false
    config.enable_reloading = true
    config.consider_all_requests_local = true
    config.active_record.dump_schema_after_migration = false

    %w[jquery/dist underscore backbone].each do |package|
      config.assets.paths << root.join("../../node_modules", package)
    end
  end
end
