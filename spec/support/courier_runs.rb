# frozen_string_literal: true

require "zlib"
require_relative "app_process"
require_relative "fault_server"
require_relative "waiting"

# For the examples of spec/courier: applications and servers in processes of their own, and a line for each run at the
# end of the suite. What is random comes from SEED, by default that of the suite, and from the example's own words.
module CourierRuns
  include Waiting

  class << self
    def seed = @seed ||= Integer(ENV.fetch("SEED") { RSpec.configuration.seed })
    def lines = @lines ||= []

    def print_lines
      puts "", "", "SEED=#{seed}", lines if lines.any?
    end
  end

  def random
    @random ||= Random.new(CourierRuns.seed ^ Zlib.crc32(RSpec.current_example.full_description))
  end

  # @param settings [Hash] of Pushable.configure
  # @return [AppProcess] with Producing; it is ended with the example
  def start_app(url, **settings)
    AppProcess.start(url, requires: "support/producing").tap do |app|
      processes << app
      configure(app, **settings) unless settings.empty?
    end
  end

  def configure(app, **settings)
    lines = settings.map { |name, value| "config.#{name} = #{value.inspect}" }
    app.run("Pushable.configure { |config| #{lines.join("; ")} }")
  end

  def start_server = FaultServer.start.tap { |server| processes << server }

  # All that was published has come, in order, and no oftener than lost acknowledgements make it; but not these.
  def expect_all(run, arrivals, numbers, but: [])
    expect_sound(run, arrivals.verdict(numbers), numbers.size, lost: but)
  end

  def expect_sound(run, verdict, published, lost: [])
    CourierRuns.lines << format("%<run>-46s published %<published>6d  %<verdict>s", run:, published:, verdict:)
    expect(verdict).to have_attributes(lost:, arrived: published - lost.size, reordered: 0, unexplained: 0)
  end

  def processes = @processes ||= []

  def stop_processes
    processes.pop.stop until processes.empty?
  end
end

RSpec.configure do |config|
  config.include CourierRuns, :courier
  config.after(:each, :courier) { stop_processes }
  config.after(:suite) { CourierRuns.print_lines }
end
