# frozen_string_literal: true

# Brings Pushable's tasks to any Rakefile: require "pushable/tasks". In a Rails app they are there without it.
require "rake"

load File.expand_path("../tasks/pushable.rake", __dir__)
