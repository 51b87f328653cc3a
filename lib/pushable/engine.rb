# frozen_string_literal: true

require "rails/engine"

module Pushable
  # What a Rails app gets by having the gem in its Gemfile: the rake tasks, the browser client's files, and the
  # middleware that reads a request's origin.
  class Engine < ::Rails::Engine
    rake_tasks { load File.expand_path("../tasks/pushable.rake", __dir__) }

    initializer("pushable.origin") { |app| app.middleware.use Origin }

    initializer "pushable.assets" do |app|
      app.config.assets.precompile += %w[pushable.js] if app.config.respond_to?(:assets)
    end
  end
end
