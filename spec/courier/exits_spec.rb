# frozen_string_literal: true

require "socket"
require "support/life"

# A process that leaves with 3,000 messages waiting.
RSpec.describe "Leaving", :courier, :life do
  # Says 3,000, tells how many of them wait, and leaves as told.
  def leave(way, **options)
    live(<<~RUBY, **options)
      say 3000
      $stderr.puts "waiting: \#{Pushable.stats[:pending_messages]}"
      #{way}
    RUBY
    app.wait_for_output(/waiting: \d+/)
  end

  def waiting = Integer(app.output[/waiting: (\d+)/, 1], 10)
  def dropped = app.output.scan(/dropped \((\d+) message/).sum { |(count)| Integer(count, 10) }

  describe "sends what waits:" do
    { "at the end of the script" => ["", 0], "by exit" => ["exit", 0], "by an exception" => ["raise 'as planned'", 1],
      "by abort in a thread" => ["Thread.new { abort }.join", 1] }.each do |name, (way, status)|
      it name do
        serve(20)
        leave(way)
        expect(app.wait.exitstatus).to eq(status)
        expect([waiting, dropped]).to match([be > 1000, 0])
        expect_all_noted
      end
    end

    %w[TERM INT].each do |signal|
      it "on #{signal}" do
        serve(20)
        leave("sleep")
        app.signal(signal)
        expect(app.wait.termsig).to eq(Signal.list[signal])
        expect([waiting, dropped]).to match([be > 1000, 0])
        expect_all_noted
      end
    end
  end

  describe "when that cannot be, is over in time and tells how many are lost:" do
    let(:silent) { TCPServer.new("127.0.0.1", 0) } # where nobody accepts
    let(:nowhere) { TCPServer.open("127.0.0.1", 0) { |server| server.addr[1] } }

    after { silent.close }

    def url(port) = "http://127.0.0.1:#{port}/faye"

    ["a server that never answers", "no server"].each do |trouble|
      it "#{trouble}, at the end of the script and on TERM" do
        port = trouble == "no server" ? nowhere : silent.addr[1]
        [["", nil], %w[sleep TERM]].each do |way, signal|
          leave(way, url: url(port), EXIT_TIMEOUT: 1)
          app.signal(signal) if signal
          app.wait(seconds: 20)
          expect([dropped, app.output]).to match([3000, anything])
        end
      end
    end

    it "at once, when Ctrl-C is pressed again" do
      leave("sleep", url: url(silent.addr[1]), EXIT_TIMEOUT: 300)
      100.times { app.signal("INT") && sleep(0.1) } # it is not there for more than a few of them
      expect(app).not_to be_running
      expect(app.wait.termsig).to eq(2)
    end
  end
end
