# frozen_string_literal: true

# Loaded by Rails and by require "pushable/tasks"; where both happen, once is enough.
return if Rake::Task.task_defined?("faye:start")

namespace :faye do
  desc "Start a Faye server for Pushable (port=9292 host=127.0.0.1 key=FILE cert=FILE verbose=true)"
  task :start do
    require "pushable/server"

    Pushable::Server.start
  rescue Pushable::Server::CannotStart => e
    abort "faye:start: #{e.message}"
  end
end
