# frozen_string_literal: true

require "support/pushing"
require "json"

# What can stand behind an event in a push line, and where it sends to.
RSpec.describe "Targets of push", :pushing do
  def declare(name = "Thing", superclass: ActiveRecord::Base, table: "members", &body)
    stub_const(name, Class.new(superclass)).tap do |klass|
      klass.table_name = table if table
      klass.class_eval(&body)
    end
  end

  def channels(&) = events(&).map(&:first)

  it "a String is a channel" do
    declare { push create: "admins" }
    expect(channels { Thing.create! }).to eq(["admins"])
  end

  it "several stand in an Array, of any kind" do
    declare { push create: [:collections, "admins", "age_%{age}", ->(thing) { "named_#{thing.name}" }] }
    expect(channels { Thing.create!(age: 3, name: "ann") }).to eq(%w[things admins age_3 named_ann])
  end

  describe "a format" do
    it "asks the record's methods, private ones too" do
      declare do
        push create: "of_%{family_id}/%{initial}_%{adult?}"
        def initial = name[0]
        def adult? = age > 17
        private :initial
      end
      expect(channels { Thing.create!(family_id: 4, name: "ann", age: 30) }).to eq(["of_4/a_true"])
    end

    it "names no channel when one of them is nil" do
      declare { push create: ["family_%{family_id}_members", "all"] }
      expect(channels { Thing.create! }).to eq(["all"])
    end

    it "is never evaluated" do
      text = "a_\#{raise}_%%_%d"
      declare { push create: text }
      expect(channels { Thing.create! }).to eq(["a_$23$7braise$7d_$25$25_$25d"])
    end

    it "moves a record when a column in it changes" do
      declare { push create: "f%{family_id}", update: "f%{family_id}", destroy: "f%{family_id}" }
      thing = Thing.create!(family_id: 1)
      expect(events { thing.update!(family_id: 2) }).to eq([%w[f1 destroy], %w[f2 create]])
      expect(events { thing.update!(family_id: nil) }).to eq([%w[f2 destroy]])
      expect(events { thing.update!(family_id: 1) }).to eq([%w[f1 create]])
    end
  end

  describe "something to call" do
    it "is called with the record; a lambda without parameters runs in it, as in Rails' callbacks" do
      callable = Class.new { def self.call(thing) = "object_#{thing.id}" }
      declare { push create: [->(thing) { "one_#{thing.id}" }, -> { "two_#{id}" }, proc { "three_#{id}" }, callable] }
      thing = nil
      expect(channels { thing = Thing.create! })
        .to match_array(%w[one two three object].map { |word| "#{word}_#{Thing.last.id}" })
      expect(thing).to be_persisted
    end

    it "may name several, or none" do
      declare { push create: ->(thing) { thing.name&.split } }
      expect(channels { Thing.create!(name: "a b") }).to eq(%w[a b])
      expect(channels { Thing.create! }).to be_empty
    end
  end

  describe "an association" do
    it "that belongs to another is named by it and by the collection" do
      declare("Kid") do
        belongs_to :family, optional: true
        push create: :family, update: :family, destroy: :family
      end
      smith, jones = Array.new(2) { Family.create! }
      kid = nil
      expect(events { kid = Kid.create!(family: smith) }).to eq([["family_#{smith.id}_kids", "create"]])
      expect(events { kid.update!(family: jones) })
        .to eq([["family_#{smith.id}_kids", "destroy"], ["family_#{jones.id}_kids", "create"]])
      expect(events { kid.update!(family: nil) }).to eq([["family_#{jones.id}_kids", "destroy"]])
      expect(events { kid.touch }).to be_empty
    end

    it "asks no query where the foreign key tells, also when the other is gone with this one" do
      declare("Kid") do
        belongs_to :family
        push create: :family, destroy: :family
      end
      declare("Clan", table: "families") { has_many :kids, dependent: :destroy, foreign_key: :family_id }
      clan = Clan.create!
      kid = Kid.create!(family_id: clan.id)
      expect(events { clan.destroy! }).to eq([["family_#{clan.id}_kids", "destroy"]])
      expect(kid.family_id).to eq(clan.id)
      expect(log).to eq("")
    end

    it "that has many is asked for each" do
      declare("Clan", table: "families") do
        has_many :members, foreign_key: :family_id
        push update: :members
      end
      clan = Clan.create!
      ids = Array.new(2) { Member.create!(family_id: clan.id).id }
      expect(channels { clan.update!(name: "x") }).to match_array(ids.map { |id| "member_#{id}_clans" })
    end

    it "that is polymorphic is named by whatever it is" do
      declare("Tag", table: "tags") do
        belongs_to :owner, polymorphic: true, optional: true
        push create: :owner, update: :owner, destroy: :owner
      end
      family = Family.create!
      member = Member.create!
      tag = nil
      expect(events { tag = Tag.create!(owner: family) }).to eq([["family_#{family.id}_tags", "create"]])
      expect(events { Tag.find(tag.id).update!(owner: member) })
        .to eq([["family_#{family.id}_tags", "destroy"], ["member_#{member.id}_tags", "create"]])
    end
  end

  describe "channel names" do
    JSON.parse(File.read("#{__dir__}/../vectors/channels.json")).each do |vector|
      name, channel = vector.values_at("name", "channel")
      if channel
        it("writes #{name.inspect} as #{channel}") do
          Pushable.publish(name, {})
          expect(Pushable.deliveries.last["channel"]).to eq(channel)
        end
      else
        it("refuses #{name.inspect}") { expect { Pushable.publish(name, {}) }.to raise_error(ArgumentError) }
      end
    end
  end

  describe "conditions" do
    before do
      declare do
        push update: "all", create: "all", destroy: "all", if: :adult?, unless: ->(thing) { thing.name == "hidden" }
        def adult? = age.to_i > 17
        private :adult?
      end
    end

    it "say what is in the channel" do
      expect(events { Thing.create!(age: 30) }).to eq([%w[all create]])
      expect(events { Thing.create!(age: 3) }).to be_empty
      expect(events { Thing.create!(age: 30, name: "hidden") }).to be_empty
    end

    it "let a record enter and leave when they change" do
      thing = Thing.create!(age: 3, name: "ann")
      expect(events { thing.update!(name: "bea") }).to be_empty
      expect(events { thing.update!(age: 18) }).to eq([%w[all create]])
      expect(Pushable.deliveries.last["data"]["object"]).to include("name" => "bea", "age" => 18)
      expect(events { thing.update!(name: "hidden") }).to eq([%w[all destroy]])
      expect(events { thing.destroy! }).to be_empty
    end

    it "of several lines count for their own targets" do
      declare("Other") do
        push create: "one", if: -> { age == 1 }
        push create: "two", if: [-> { age == 1 }, ->(other) { other.name&.present? }]
        push create: "three", unless: [-> { age == 1 }, -> { name }]
      end
      expect(channels { Other.create!(age: 1) }).to eq(["one"])
      expect(channels { Other.create!(age: 1, name: "x") }).to eq(%w[one two])
      expect(channels { Other.create!(age: 2) }).to eq(["three"])
    end
  end

  describe "views" do
    # How often a record is asked as it was before.
    def views_in(&block)
      count = 0
      allow(Thing).to receive(:allocate).and_call_original
      trace = TracePoint.new(:c_call) { |point| count += 1 if %i[clone write_cast_value].include?(point.method_id) }
      calls = TracePoint.new(:call) { |point| count += 1 if point.method_id == :write_cast_value }
      trace.enable { calls.enable(&block) }
      count
    end

    it "are made for what an application's method decides, and only then" do
      declare { push update: [:collections, :instances, "all", "f%{family_id}"] }
      thing = Thing.create!(family_id: 1)
      expect(views_in { thing.update!(name: "a") }).to eq(0)
      expect(views_in { thing.touch }).to eq(0)
      expect(views_in { thing.update!(family_id: 2) }).to be_positive
      declare { push update: ->(thing) { "f#{thing.family_id}" } }
      thing = Thing.create!(family_id: 1)
      expect(views_in { thing.touch }).to eq(0)
      expect(views_in { thing.update!(name: "a") }).to be_positive
    end
  end
end
