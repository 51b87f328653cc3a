# frozen_string_literal: true

require_relative "courier_app"
require_relative "courier_runs"
require_relative "ledger"

# For the examples marked :life: an application whose whole life is the example, a server that takes a moment for each
# batch, and a ledger of what the application has pushed. ROUNDS says how many times everything is done.
module Life
  FACTOR = Integer(ENV.fetch("ROUNDS", "1"), 10)

  attr_reader :app, :server

  def rounds(count) = count * FACTOR
  def ledger = @ledger ||= Ledger.new
  def verdict = ledger.verdict(server.arrivals)

  # @param latency [Integer] milliseconds before each answer
  def serve(latency)
    @server = start_server
    @server.meet(:latency, latency)
  end

  # @param code [String] Ruby, with the methods of Saying
  # @param env [Hash] what else Saying reads from the environment
  def live(code, rounds: 1, url: server.url, **env)
    @rounds = rounds
    @app = CourierApp.new(code, { LEDGER: ledger.path, SEED: CourierRuns.seed, ROUNDS: rounds, PUSHABLE_SERVER: url,
                                  **env }.to_h { |name, value| [name.to_s, value.to_s] })
    processes << @app
  end

  # Lets the application come to its end, which has to be a good one, and without a word to the log.
  def live_well(code, seconds: 60, **options)
    live(code, **options)
    status = app.wait(seconds:)
    expect([app.output, status]).to match(["", be_success]), "SEED=#{CourierRuns.seed} #{status}\n#{app.output}"
  end

  # All that was pushed has arrived, once and in order.
  #
  # @param unnoted [Boolean] whether there may be more: callers were interrupted
  def expect_all_noted(found = verdict, unnoted: false)
    CourierRuns.lines << "#{RSpec.current_example.full_description}: rounds #{@rounds || 1}  #{found}"
    problems = found.to_h.slice(:lost, :duplicated, :reordered, *(:unnoted unless unnoted))
    expect(found.pushed).to be_positive
    expect(problems.values).to all(be_zero), "SEED=#{CourierRuns.seed} #{found}\n#{app.output}"
  end
end

RSpec.configure do |config|
  config.include Life, :life
  # An example marked `gem: "unicorn"` is skipped where the Gemfile has none.
  config.define_derived_metadata(:gem) do |metadata|
    metadata[:skip] = "no #{metadata[:gem]} in this Gemfile" unless Gem.loaded_specs.key?(metadata[:gem])
  end
end
