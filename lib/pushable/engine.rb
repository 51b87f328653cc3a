# frozen_string_literal: true

require "rails/engine"

module Pushable
  # What a Rails app gets by having the gem in its Gemfile: the rake tasks, the browser client's files, the middleware
  # that reads a request's origin, the helper for its views, and where browsers get their tokens.
  class Engine < ::Rails::Engine
    rake_tasks { load File.expand_path("../tasks/pushable.rake", __dir__) }

    initializer("pushable.origin") { |app| app.middleware.use Origin }

    initializer("pushable.meta_tags") { ActiveSupport.on_load(:action_view) { include MetaTags } }

    initializer "pushable.tokens" do |app|
      next unless defined?(::ActionController::Railtie)

      app.routes.prepend { post "/pushable/tokens", to: "pushable/tokens#create", as: :pushable_tokens }
    end

    initializer "pushable.assets" do |app|
      app.config.assets.precompile += %w[pushable.js] if app.config.respond_to?(:assets)
    end
  end
end
