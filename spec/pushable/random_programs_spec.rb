# frozen_string_literal: true

require "spec_helper"
require_relative "../support/pushing"
require_relative "../support/random_program"

# Random programs of saves, touches, counters, destroys, savepoints in savepoints, rollbacks and errors rescued at any
# depth, over a few members and several instances of each, against a model of the browser that obeys the contract: after
# every commit each family's collection equals its rows.
#
#   PROGRAMS=20000 SEED=7 bundle exec rspec spec/pushable/random_programs_spec.rb
RSpec.describe "random programs", :pushing do
  def rows
    families = Member.all.group_by { |member| "/sync/family_#{member.family_id}_members" }
    families.transform_values do |members|
      members.to_h { |member| [member.id, JSON.parse(JSON.generate(member.as_json))] }
    end
  end

  it "leave every collection equal to its rows" do
    seed = Integer(ENV.fetch("SEED", Random.new_seed % 1_000_000))
    random = Random.new(seed)
    Integer(ENV.fetch("PROGRAMS", 150)).times do |index|
      Pushing.empty_tables
      browser = Browser.new
      check = lambda do |steps|
        Pushable.deliveries.each { |message| browser.apply(message) }
        Pushable.deliveries.clear
        shown = browser.collections.reject { |_, records| records.empty? }
        expect(shown).to eq(rows), "seed #{seed}, program #{index}: #{steps.join("; ")}\nshown #{shown}\nrows  #{rows}"
      end
      Program.new(random, after_commit: check).run(12)
    end
    expect(log).to eq("")
  end
end
