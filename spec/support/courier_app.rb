# frozen_string_literal: true

require "rbconfig"
require_relative "child_process"

# A small application that pushes, in a process of its own: a small one, as its forks are the dearer the more they have
# to copy. So it finds its gems without RubyGems.
#
#   app = CourierApp.new("say 100", "LEDGER" => ledger.path, "PUSHABLE_SERVER" => server.url, ...)
#   app.wait.success?
class CourierApp < ChildProcess
  # @param code [String] Ruby, with the methods of Saying
  def initialize(code, env)
    super(RbConfig.ruby, "--disable-gems", "-rsupport/saying", "-e", code,
          env: env.merge("RUBYOPT" => nil, "RUBYLIB" => $LOAD_PATH.join(File::PATH_SEPARATOR),
                         "PUSHABLE_DELIVERY_METHOD" => "async"))
  end
end
