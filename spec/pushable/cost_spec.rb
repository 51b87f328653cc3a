# frozen_string_literal: true

require "support/pushing"

# What a push costs, in Ruby objects: counted, not timed.
RSpec.describe "The cost of a push", :pushing do
  def declare(name, &body)
    stub_const(name, Class.new(ActiveRecord::Base)).tap do |klass|
      klass.table_name = "members"
      klass.class_eval(&body) if body
    end
  end

  # Objects per call, in the long run: what is made once, and what the collector hides, does not count.
  def objects(times = 200, &operation)
    3.times(&operation)
    GC.start
    GC.disable
    before = GC.stat(:total_allocated_objects)
    times.times(&operation)
    (GC.stat(:total_allocated_objects) - before) / times
  ensure
    GC.enable
  end

  def objects_of(klass)
    record = klass.create!(name: "a")
    { touch: objects { record.touch }, update: objects { record.update!(age: rand(1 << 20)) } }
  end

  # Objects that pushing adds to an operation of a class, by the operation's name.
  def added_objects(klass)
    objects_of(klass).merge(objects_of(SilentMember)) { |_, with, without| with - without }
  end

  # Paused: what the courier's thread makes would count.
  before do
    Pushable.configure { |config| config.delivery_method = :async }
    Pushable.pause
  end

  after { Pushable.resume }

  it "is nothing for a class without push" do
    declare("Quiet")
    expect(Quiet.__callbacks.values_at(:create, :update, :destroy, :touch).flat_map(&:to_a))
      .to match_array(SilentMember.__callbacks.values_at(:create, :update, :destroy, :touch).flat_map(&:to_a))
  end

  it "does not grow with the number of rules" do
    declare("One") { push update: "one" }
    declare("Five") { 5.times { push update: "five" } }
    declare("Many") { push update: (1..5).map { |place| "channel_#{place}" } }
    one = added_objects(One)
    [Five, Many].each do |klass|
      added_objects(klass).each do |name, count|
        expect(count).to be_within(3).of(one[name]), "#{klass.name}, #{name}: #{count}, with one rule #{one[name]}"
      end
    end
    expect(one.values).to all(be_between(5, 30))
  end
end
