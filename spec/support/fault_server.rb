# frozen_string_literal: true

require "json"
require "net/http"
require "open3"
require "tmpdir"
require_relative "arrivals"
require_relative "listening_process"

# The fault server of spec/core in a process of its own: answers as a Faye server does, fails on demand, and keeps what
# it took in a file that a kill leaves as it is.
#
#   server = FaultServer.start
#   server.meet(:status, 503, times: 2, retry_after: 1)   # the next two posts; spec/core/fault_server.h names the faults
#   server.kill
#   server.start                                          # on the same port, with the same file
#   server.arrivals                                       # what it took: Arrivals
class FaultServer < ListeningProcess
  LISTENING = /listening on (?<port>\d+)/
  CORE = File.join(ROOT, "spec/core")

  # @return [String] path of the program, made when it is older than its sources
  def self.program
    @program ||= begin
      output, status = Open3.capture2e("make", "--silent", "-C", CORE, "fault_server")
      raise "the fault server does not compile:\n#{output}" unless status.success?

      output.lines.last.chomp
    end
  end

  def self.start = new.tap(&:start)

  attr_reader :arrivals

  def initialize
    super
    @arrivals = Arrivals.new(File.join(Dir.mktmpdir("pushable"), "arrivals"))
    @port = 0
  end

  def url = "http://127.0.0.1:#{port}/faye"

  # Its port may be a stranger's for a moment: that of a connection on its way out.
  def start(seconds: 20)
    deadline = now + seconds
    begin
      reader, @stdin = IO.pipe # the program ends when this process does
      launch(self.class.program, @port.to_s, @arrivals.path, in: reader)
      reader.close
      wait_for_port(LISTENING)
    rescue RuntimeError
      now > deadline ? raise : retry
    end
  end

  # The next posts meet a fault.
  #
  # @param times [Integer] -1: all
  def meet(fault, argument = 0, times: -1, retry_after: nil)
    get(["/control", fault, argument, times, retry_after].compact.join("/"))
  end

  def heal = meet(:none)

  # @return [Hash] requests, connections, taken, faults_left, of the process there is now
  def stats = JSON.parse(get("/stats"), symbolize_names: true)

  # Starts it again whenever a message has ended it, until the block is over.
  def kept_alive
    keeper = Thread.new do
      loop do
        sleep 0.005 while running?
        start
      end
    end
    yield
  ensure
    keeper.kill.join
  end

  private

  def get(path)
    response = Net::HTTP.get_response(URI("http://127.0.0.1:#{port}#{path}"))
    raise "#{path}: #{response.code}" unless response.is_a?(Net::HTTPSuccess)

    response.body
  end
end
