# frozen_string_literal: true

require_relative "browser"
require_relative "models"

# One program: what it does is drawn from +random+, and written down in +steps+.
class Program
  FAMILIES = [1, 2, 3].freeze
  USER_ERROR = "the user's own"
  DEEPEST = 4
  STEPS = %i[create create save_name_or_age save_name_or_age save_name_or_age move touch count twins destroy assign
             reload transaction transaction transaction].freeze

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
    step = STEPS.sample(random: @random)
    step == :transaction ? transaction(depth) : send(step)
  end

  def transaction(depth)
    return if depth > DEEPEST

    ending = %i[commit commit rollback raise].sample(random: @random)
    nested = depth.positive? && @random.rand(3).positive?
    note("begin#{" savepoint" if nested} (#{ending})")
    Member.transaction(requires_new: nested) { body(depth, ending) }
  rescue RuntimeError => e
    raise unless rescued?(e, depth)
  ensure
    note("end")
  end

  def rescued?(error, depth)
    error.message == USER_ERROR && (depth.zero? || @random.rand(2).zero?)
  end

  def body(depth, ending)
    (1 + @random.rand(4)).times { act(depth + 1) }
    raise ActiveRecord::Rollback if ending == :rollback
    raise USER_ERROR if ending == :raise
  end

  def reload
    member = kept or return
    note("reload #{member.id}")
    member.reload
  end

  def create
    member = Member.create!(name: word, age: @random.rand(90), family_id: FAMILIES.sample(random: @random))
    note("create #{member.id}")
    @held[member.id] = member
  end

  def save_name_or_age
    member = (kept if @random.rand(2).zero?) || fresh or return
    @random.rand(2).zero? ? member.name = word : member.age = @random.rand(90)
    note("save #{member.id} #{member.changes}")
    member.save!
  end

  def move
    member = (kept if @random.rand(2).zero?) || fresh or return
    family = FAMILIES.sample(random: @random)
    note("move #{member.id} #{member.family_id_in_database}->#{family}")
    member.update!(family_id: family)
    @held[member.id] = member if @random.rand(2).zero?
  end

  def touch
    member = kept or return
    note("touch #{member.id}")
    member.touch
  end

  def count
    member = (kept if @random.rand(2).zero?) || fresh or return
    note("count #{member.id}")
    member.increment!(:age, touch: true)
  end

  # Two instances of one row, which do not know of each other.
  def twins
    one = fresh or return
    other = Member.find(one.id)
    note("twins #{one.id}")
    Member.transaction(requires_new: @random.rand(2).zero?) do
      one.update!(name: word)
      other.update!(age: @random.rand(90))
      [one, other].sample(random: @random).touch
    end
    @held[one.id] = one
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

  # An instance from an earlier step, which another may have overtaken since: with old columns, or in another family.
  # Not one whose own row was rolled back: before Rails 7.1 it may believe itself saved, and stand for a row that came
  # to its key.
  def kept
    member = @held.values.sample(random: @random) or return
    row = Member.find_by(id: member.id)
    return member if row && row.created_at == member.created_at && !member.destroyed? && member.persisted?

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
