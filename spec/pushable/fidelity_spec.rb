# frozen_string_literal: true

require "spec_helper"
require_relative "../support/pushing"
require_relative "../support/fidelity_fuzz"

# Random tables, classes, values, states and settings (spec/support/fidelity_fuzz.rb). bin/bench fidelity runs more.
#
#   RECORDS=100000 SEED=7 bundle exec rspec spec/pushable/fidelity_spec.rb
RSpec.describe "random records", databases: [:sqlite] do
  # A state that is never reached, or in which both sides raise anyway, would show nothing.
  def expect_all_states(fuzz)
    expect(fuzz.states.keys).to match_array(Fidelity::Career::STATES)
    expect(fuzz.states.values.min).to be > fuzz.records / 200
    expect(fuzz.raised).to be < fuzz.records / 10
  end

  it "are what as_json says" do
    fuzz = FidelityFuzz.new(Integer(ENV.fetch("SEED", Random.new_seed % 1_000_000_000)))
    fuzz.run(Integer(ENV.fetch("RECORDS", 20_000)))
    expect(fuzz.differences).to be_empty, fuzz.to_s
    expect_all_states(fuzz) if fuzz.records >= 20_000
  end

  it "leave the settings as they were" do
    before = Fidelity::Settings.new(Random.new).to_s
    FidelityFuzz.new(1).run(1)
    expect(Fidelity::Settings.new(Random.new).to_s).to eq(before)
    expect(Fidelity::Models.constants).to be_empty
    expect(ActiveRecord::Base.connection.table_exists?(Fidelity::Schema::TABLE)).to be(false)
  end

  it "are the same ones for the same seed" do
    runs = Array.new(2) do
      texts = []
      FidelityFuzz.new(7).run(200) { |comparison| texts << comparison.theirs.to_s }
      texts
    end
    expect(runs.first).to eq(runs.last)
  end
end
