# frozen_string_literal: true

require_relative "app_process"
require_relative "fault_server"

# For the examples of spec/courier: applications and servers in processes of their own, and a line for each run at the
# end of the suite. What is random comes from SEED, by default that of the suite.
module CourierRuns
  class << self
    def seed = @seed ||= Integer(ENV.fetch("SEED") { RSpec.configuration.seed })
    def lines = @lines ||= Thread::Queue.new

    def print_lines
      return if lines.empty?

      puts "", "", "SEED=#{seed}", *Array.new(lines.size) { lines.pop }.sort
    end
  end

  def random = @random ||= Random.new(CourierRuns.seed)

  # @param settings [Hash] of Pushable.configure
  # @return [AppProcess] with Producing; it is ended with the example
  def start_app(url, **settings)
    AppProcess.start(url, requires: "support/producing").tap do |app|
      processes << app
      settings.each { |name, value| app.run("Pushable.configure { |config| config.#{name} = #{value.inspect} }") }
    end
  end

  def start_server = FaultServer.start.tap { |server| processes << server }

  # All that was published has come, in order, and no oftener than lost acknowledgements make it.
  def expect_all(run, arrivals, numbers)
    expect_others(run, arrivals, numbers, [])
  end

  # All but these have.
  def expect_others(run, arrivals, numbers, lost)
    verdict = arrivals.verdict(numbers)
    CourierRuns.lines << format("%<run>-52s pushed %<pushed>6d  %<verdict>s", run:, pushed: numbers.size, verdict:)
    expect(verdict).to have_attributes(lost:, reordered: 0, unexplained: 0, arrived: numbers.size - lost.size)
  end

  def processes = @processes ||= Thread::Queue.new

  def stop_processes
    processes.pop.stop until processes.empty?
  end
end

RSpec.configure do |config|
  config.include CourierRuns, :courier
  config.after(:each, :courier) { stop_processes }
  config.after(:suite) { CourierRuns.print_lines }
end
