# frozen_string_literal: true

require "open3"
require "rbconfig"

# An application in a process of its own: Active Record, the models and Pushable, or what it is to require instead. It
# runs the Ruby it is told to.
#
#   app = AppProcess.start(faye.url)
#   app.run("Member.create!(name: 'Ann').name")   # => "Ann"
#   app.pause                                     # it stands still, until
#   app.continue
#   app.stop                                      # leaves as a Ruby program does; returns the Process::Status
class AppProcess
  ROOT = File.expand_path("../..", __dir__)
  PROGRAM = <<~RUBY
    require ARGV.fetch(0)
    Pushable.logger = Logger.new(IO::NULL)
    $stdout.sync = true
    puts "ready"
    while (line = $stdin.gets)
      answer = begin
        [:answer, eval(line)]
      rescue Exception => error # whatever it is, the spec shall see it
        [:error, error.full_message(highlight: false)]
      end
      puts [Marshal.dump(answer)].pack("m0")
    end
  RUBY

  def self.start(url, delivery_method: "async", requires: "support/models", env: {})
    new({ "PUSHABLE_SERVER" => url, "PUSHABLE_DELIVERY_METHOD" => delivery_method, **env }, requires)
  end

  def initialize(env, requires)
    @stdin, @stdout, @process = Open3.popen2(env, RbConfig.ruby, "-rbundler/setup", "-Ilib", "-Ispec", "-e", PROGRAM,
                                             requires, chdir: ROOT)
    line = @stdout.gets
    raise "the application did not come up: #{line.inspect}" unless line == "ready\n"
  end

  # @return [Object] what the code gave; it must be something that Marshal knows
  def run(code)
    @stdin.puts(code.tr("\n", ";"))
    line = @stdout.gets or raise "the application ended: #{@process.value}"
    kind, value = Marshal.load(line.chomp.unpack1("m0")) # rubocop:disable Security/MarshalLoad -- our own process
    raise value if kind == :error

    value
  end

  def pid = @process.pid
  def kill = Process.kill("KILL", pid) && @process.value
  def pause = Process.kill("STOP", @process.pid)
  def continue = Process.kill("CONT", @process.pid)

  def stop(seconds: 20)
    @stdin.close
    unless @process.join(seconds)
      Process.kill("KILL", @process.pid)
      raise "the application was still there after #{seconds} s"
    end
    @process.value
  end
end
