# frozen_string_literal: true

require "json"
require "net/http"
require "open3"
require_relative "arrivals"
require_relative "child_process"

# The fault server of spec/core as a program: answers as a Faye server does, fails on demand, and keeps what it took in
# a file that a kill leaves as it is. spec/core/fault_server.h names the faults.
#
#   server = FaultServer.start
#   server.meet(:status, 503, times: 2, retry_after: 1)   # the next two posts
#   server.kill
#   server.start                                          # on the same port, with the same file
#   server.arrivals                                       # what it took: Arrivals
class FaultServer
  CORE = File.expand_path("../core", __dir__)
  LISTENING = /listening on (\d+)/

  # @return [String] path of the program, made when it is older than its sources
  def self.program
    @program ||= begin
      output, status = Open3.capture2e("make", "--silent", "-C", CORE, "fault_server")
      raise "the fault server does not compile:\n#{output}" unless status.success?

      output.lines.last.chomp
    end
  end

  def self.start = new.tap(&:start)

  attr_reader :arrivals, :port

  def initialize
    @arrivals = Arrivals.new
    @port = 0
  end

  def url = "http://127.0.0.1:#{port}/faye"

  # Its port may be a stranger's for a moment: that of a connection on its way out.
  def start(tries: 200)
    launch
    @process.wait_for_output(LISTENING)
    @port = Integer(@process.output[LISTENING, 1])
  rescue RuntimeError
    raise if (tries -= 1).zero?

    sleep 0.05
    retry
  end

  def kill = @process.kill
  def stop = @process.stop

  # The next posts meet a fault.
  #
  # @param times [Integer] -1: all
  def meet(fault, argument = 0, times: -1, retry_after: nil)
    get(["/control", fault, argument, times, retry_after].compact.join("/"))
  end

  # @return [Hash] requests, connections, taken, faults_left, of the process there is now
  def stats = JSON.parse(get("/stats"), symbolize_names: true)

  # Starts it again whenever a message has ended it, until the block is over.
  def kept_alive
    keeper = Thread.new do
      loop do
        sleep 0.005 while @process.running?
        start
      end
    end
    yield
  ensure
    keeper.kill.join
  end

  private

  # The program ends when its standard input does, so it does not outlive this process.
  def launch
    reader, writer = IO.pipe
    @process = ChildProcess.new(self.class.program, port.to_s, arrivals.path, in: reader)
    @input&.close
    @input = writer
  ensure
    reader.close
  end

  def get(path)
    response = Net::HTTP.get_response(URI("http://127.0.0.1:#{port}#{path}"))
    raise "#{path}: #{response.code}" unless response.is_a?(Net::HTTPSuccess)

    response.body
  end
end
