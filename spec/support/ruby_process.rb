# frozen_string_literal: true

require "open3"
require "rbconfig"
require "timeout"

# A Ruby of its own for what changes a whole process: loading, forking, leaving.
module RubyProcess
  ROOT = File.expand_path("../..", __dir__)
  Result = Struct.new(:output, :status)

  # @param code [String] runs with the gem on the load path
  # @return [Result] everything it printed, and its Process::Status
  # @raise [RuntimeError] when it has not ended in time
  def self.run(code, env: {}, seconds: 40)
    stdin, output, process = Open3.popen2e(env, RbConfig.ruby, "-rbundler/setup", "-I#{File.join(ROOT, "lib")}", "-e",
                                           code, chdir: ROOT)
    stdin.close
    text = Thread.new { output.read }
    unless process.join(seconds)
      Process.kill("KILL", process.pid)
      raise "not over after #{seconds} s: #{text.value}"
    end
    Result.new(text.value, process.value)
  end
end
