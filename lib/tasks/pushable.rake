# frozen_string_literal: true

# Loaded by Rails and by require "pushable/tasks"; where both happen, once is enough.
return if Rake::Task.task_defined?("faye:start")

namespace :faye do
  desc "Start a Faye server for Pushable (port=9292 host=127.0.0.1 key=FILE cert=FILE verbose=true)"
  task :start do
    require "pushable/server"

    options = Pushable::Server::Sources.options(words: ARGV) do
      # Only an application that is wholly there has the secret that it will have when it runs.
      Rake::Task["environment"].invoke if Rake::Task.task_defined?("environment")
      Pushable.config if Pushable.respond_to?(:config)
    end
    Pushable::Server.start(options)
  rescue Pushable::Server::CannotStart => e
    abort "faye:start: #{e.message}"
  end
end
