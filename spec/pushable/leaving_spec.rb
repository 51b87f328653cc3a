# frozen_string_literal: true

require "support/pushing"
require "support/recording_server"
require "support/ruby_process"

# The ends of processes, and the processes that come of others: nothing is lost that need not be, nothing sent twice.
RSpec.describe "Leaving", :pushing, databases: [:sqlite] do
  let!(:server) { RecordingServer.start }

  after { server.stop }

  # @return [RubyProcess::Result]
  def run(code, before: "")
    RubyProcess.run(<<~RUBY, env: { "PUSHABLE_SERVER" => server.url })
      say = ->(*all) { all.each { |n| Pushable.publish("numbers", { n: }) or abort "not taken" } }
      #{before}
      require "pushable"
      #{code}
    RUBY
  end

  describe "at the end of a process" do
    it "goes out what waits, and what the application's own handlers push" do
      expect(run("at_exit { say.(*101..200) }; say.(*1..100)").output).to be_empty
      expect(server.numbers).to eq([*1..200])
    end

    it "goes out what a handler pushes that ran after Pushable's, when nothing was pushed before" do
      expect(run("", before: "at_exit { say.(1) }").output).to be_empty
      expect(server.numbers).to eq([1])
    end

    it "goes out what waits, by whatever way it ends" do
      statuses = run(<<~RUBY).output
        ends = [-> { abort }, -> { exit 3 }, -> { raise "the end" }, -> { Process.kill("TERM", $$) && sleep },
                -> { Process.kill("INT", $$) && sleep }]
        ends.each_with_index do |leave, n|
          child = fork do
            $stderr.reopen(File::NULL)
            say.(*(n * 200)...((n + 1) * 200))
            leave.call
          end
          puts Process.wait2(child).last.then { |status| status.exitstatus || status.termsig }
        end
      RUBY
      expect(statuses.split).to eq(%w[1 3 1 15 2])
      expect(server.numbers).to eq([*0...1000])
    end

    it "and before a daemon it is told how many messages remain, when the server has had exit_timeout" do
      server.hold
      output = run(<<~RUBY).output
        Pushable.configure { |config| config.exit_timeout = 0.1 }
        say.(1, 2)
        Process.daemon(true, true)
        say.(3, 4, 5)
      RUBY
      expect(output.scan(/dropped \(.*/)).to match([/\(2 messages\) - the process became a dae/, /\(3 messages\) - /])
    end

    it "is not kept up by a handler that says exit: the rest goes out" do
      refusing = RecordingServer.start { |object| object["n"] == 1 }
      result = RubyProcess.run(<<~RUBY, env: { "PUSHABLE_SERVER" => refusing.url })
        require "pushable"
        ActiveSupport::Notifications.subscribe("reject.pushable") { exit 3 }
        300.times { |n| Pushable.publish("numbers", { n: }) }
        sleep
      RUBY
      expect(result.status.exitstatus).to eq(3)
      expect(refusing.numbers).to eq([*0...300])
    ensure
      refusing&.stop
    end
  end

  it "as a daemon: what waits goes out before, and what the daemon pushes after" do
    expect(run("say.(*1..200); Process.daemon(true, true); say.(*201..300)").output).to be_empty
    expect(server.numbers).to eq([*1..300])
  end

  describe "children" do
    it "by popen('-') send their own; as with exit!, they have to flush" do
      expect(run(<<~RUBY).output).to be_empty
        say.(*1..100)
        IO.popen("-") { |child| child ? child.read : say.(*101..110) && Pushable.flush(20) }
        say.(*111..120)
      RUBY
      expect(server.numbers).to match_array(1..120)
    end

    it "and their children send their own, and nothing of their parents', however they end" do
      expect(run(<<~RUBY).output).to be_empty
        say.(*1..100)
        children = [fork { exit! }, fork { exit }, fork { Pushable.flush(20) }, fork { Pushable.shutdown }]
        children << fork do
          say.(*101..200)
          Process.wait(fork { say.(*201..300) })
        end
        children << fork { say.(*301..400) && Pushable.flush(20) && exit! }
        say.(*401..500)
        children.each { |child| Process.wait(child) }
      RUBY
      expect(server.numbers).to match_array(1..500)
      expect(server.numbers - [*101..400]).to eq([*1..100, *401..500])
    end

    it "keep no socket of the parent's, nor of its earlier settings" do
      result = run(<<~RUBY)
        say.(1)
        Pushable.configure { |config| config.timeout = 11 }
        say.(2)
        Pushable.flush(20)
        # Its own is one; the pairs by which loops are woken are not on the network.
        connected = lambda do
          inodes = File.readlines("/proc/net/tcp").drop(1).map { |line| line.split.values_at(3, 9) }
          open = Dir["/proc/self/fd/*"].filter_map { |fd| File.readlink(fd)[/socket:\\[(\\d+)\\]/, 1] rescue nil }
          inodes.count { |state, inode| state == "01" && open.include?(inode) }
        end
        print connected.call
        $stdout.flush
        Process.wait(fork { say.(3); Pushable.flush(20); print connected.call })
      RUBY
      expect(result.output).to eq("21")
    end
  end
end
