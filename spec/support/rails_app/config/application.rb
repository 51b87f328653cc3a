# frozen_string_literal: true

require "logger" # an older Active Support forgets to
require "rails"
require "action_controller/railtie"
require "pushable"

# The smallest application there is that has a secret_key_base.
class SmallApp < Rails::Application
  config.load_defaults Rails::VERSION::STRING.to_f
  config.eager_load = Rails.env.production?
  config.logger = Logger.new(IO::NULL)
end
