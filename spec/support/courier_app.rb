# frozen_string_literal: true

require "rbconfig"
require_relative "child_process"

# A small application that pushes, in a process of its own.
#
#   app = CourierApp.new("say 100", "LEDGER" => ledger.path, "PUSHABLE_SERVER" => server.url, ...)
#   app.wait.success?
class CourierApp < ChildProcess
  # @param code [String] Ruby, with the methods of Saying
  def initialize(code, env)
    super(RbConfig.ruby, "-rbundler/setup", "-Ilib", "-Ispec", "-rsupport/saying", "-e", code,
          env: env.merge("PUSHABLE_DELIVERY_METHOD" => "async"))
  end
end
