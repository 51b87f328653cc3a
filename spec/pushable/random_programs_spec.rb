# frozen_string_literal: true

require "spec_helper"
require_relative "../support/pushing"

# Random programs of saves, touches, destroys, savepoints, rollbacks and raises over a few members, against a model of the
# browser that obeys the contract: after every commit each family's collection equals its rows.
#
#   PROGRAMS=20000 SEED=7 bundle exec rspec spec/pushable/random_programs_spec.rb
RSpec.describe "random programs", :pushing do
  # Every family's collection in a browser: applies only the changed columns of a record it holds.
  class Browser
    attr_reader :collections

    def initialize
      @collections = Hash.new { |hash, channel| hash[channel] = {} }
    end

    def apply(message)
      channel = message["channel"]
      return unless channel.end_with?("_members")

      data = message["data"]
      object = data["object"]
      held = @collections[channel][object["id"]]
      if data["event"] == "destroy" then @collections[channel].delete(object["id"])
      elsif held && data["changed"] then held.merge!(object.slice(*data["changed"]))
      else @collections[channel][object["id"]] = object
      end
    end
  end

  # One program: what it does is drawn from +random+, and written down in +steps+.
  class Program
    FAMILIES = [1, 2, 3].freeze

    attr_reader :steps

    def initialize(random, after_commit:)
      @random = random
      @after_commit = after_commit
      @steps = []
      @held = {} # instances kept across transactions: stale ones among them
    end

    def run(length)
      length.times do
        act(0)
        @after_commit.call(steps)
      end
    end

    private

    def act(depth)
      case @random.rand(12)
      when 0, 1 then create
      when 2, 3, 4 then save_name_or_age
      when 5 then move
      when 6 then touch
      when 7 then destroy
      when 8 then assign
      when 9 then kept&.tap { |member| note("reload #{member.id}") && member.reload }
      else transaction(depth)
      end
    end

    def transaction(depth)
      return if depth > 2

      nested = depth.positive? && @random.rand(3).positive?
      ending = %i[commit commit rollback raise].sample(random: @random)
      note("begin#{" savepoint" if nested} (#{ending})")
      Member.transaction(requires_new: nested) do
        (1 + @random.rand(4)).times { act(depth + 1) }
        raise ActiveRecord::Rollback if ending == :rollback
        raise "user's error" if ending == :raise
      end
    rescue RuntimeError => e
      raise unless e.message == "user's error" && depth.zero?
    ensure
      note("end")
    end

    def create
      member = Member.create!(name: word, age: @random.rand(90), family_id: FAMILIES.sample(random: @random))
      note("create #{member.id}")
      @held[member.id] = member
    end

    def save_name_or_age
      member = (kept if @random.rand(2).zero?) || fresh or return
      @random.rand(2).zero? ? member.name = word : member.age = @random.rand(90)
      note("save #{member.id} #{member.changes.keys}")
      member.restore_attributes(["family_id"])
      member.save!
    end

    # Moves and their followers go through a fresh instance: a stale one does not know where the record is.
    def move
      member = fresh or return
      note("move #{member.id}")
      member.update!(family_id: FAMILIES.sample(random: @random))
      @held[member.id] = member
    end

    def touch
      member = kept or return
      note("touch #{member.id}")
      member.touch
    end

    def destroy
      member = (kept if @random.rand(2).zero?) || fresh or return
      note("destroy #{member.id}")
      member.destroy!
      @held.delete(member.id)
    end

    def assign
      member = kept or return
      note("assign #{member.id}")
      member.assign_attributes(name: word, family_id: FAMILIES.sample(random: @random))
    end

    # An instance from an earlier step whose row is still where the instance believes it to be.
    def kept
      member = @held.values.sample(random: @random) or return
      row = Member.where(id: member.id).pick(:family_id)
      return member if row && row == member.family_id_in_database && !member.destroyed? && member.persisted?

      @held.delete(member.id)
      nil
    end

    def fresh
      id = Member.ids.sample(random: @random)
      id && Member.find(id)
    end

    def word = Array.new(4) { ("a".."z").to_a.sample(random: @random) }.join
    def note(step) = @steps << step
  end

  def rows
    Member.all.group_by { |member| "/sync/family_#{member.family_id}_members" }
          .transform_values { |members| members.to_h { |member| [member.id, JSON.parse(JSON.generate(member.as_json))] } }
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
