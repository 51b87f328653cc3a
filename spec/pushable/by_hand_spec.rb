# frozen_string_literal: true

require "support/pushing"

# Pushing what Rails runs no callbacks at. Each example's models are its own where they carry names of ours.
RSpec.describe "Pushing by hand", :pushing do
  let(:ann) { Member.create!(name: "Ann", age: 30, family_id: 1) }

  # A class of members that is named Member, so that it has that one's default channels.
  def members(parent = ActiveRecord::Base, push: true, &body)
    Class.new(parent) do
      self.table_name = "members"
      def self.name = "Member"
      class_eval(&body) if body
      push() if push
    end
  end

  describe "is refused" do
    it "for another event, by name" do
      [:resync, "updated", nil].each do |event|
        expect { ann.push_now(event) }.to raise_error(ArgumentError, /Member: unknown event #{event.inspect}/)
        expect { Member.none.push_all(event) }.to raise_error(ArgumentError, /Member: unknown event #{event.inspect}/)
      end
    end

    it "for a new record" do
      %i[create update destroy].each do |event|
        expect { Member.new.push_now(event) }.to raise_error(ArgumentError, /Member: push_now: the record is new/)
      end
    end

    it "for a class without a primary key" do
      keyless = members { self.primary_key = nil }
      expect { keyless.find(ann.id) }.to raise_error(ActiveRecord::UnknownPrimaryKey)
      expect { keyless.where(id: ann.id).take.push_now }.to raise_error(ArgumentError, /has no primary key/)
      expect { keyless.push_all }.to raise_error(ArgumentError, /has no primary key/)
    end
  end

  describe "pushes nothing" do
    it "where the row is gone" do
      Member.where(id: ann.id).delete_all
      expect(pushes { expect(ann.push_now).to be(false) }).to be_empty
      expect(log).to be_empty
    end

    it "where it is muted" do
      ann
      pushed = pushes do
        Pushable.mute { expect([ann.push_now, ann.push_now(:destroy), Member.push_all]).to eq([false, false, 0]) }
        Member.mute_pushes { expect([ann.push_now, Member.push_all(:destroy)]).to eq([false, 0]) }
      end
      expect(pushed).to be_empty
      expect(log).to be_empty
    end

    it "where there are no records" do
      expect([Member.none.push_all, Member.push_all, Family.new.members.push_all]).to eq([0, 0, 0])
    end

    it "and raises nothing when the row cannot be read: that is reported" do
      allow(Member).to receive(:unscoped).and_raise(ActiveRecord::ConnectionNotEstablished, "no database")
      expect { expect(ann.push_now).to be(false) }.to change(Pushable::Reporter, :count).by(1)
      expect(log).to include("Member #{ann.id} (push_now)", "no database")
    end
  end

  describe "leaves a class the names it has already" do
    it "its methods, written before or after the push, in it or above it" do
      before = members do
        def self.push_all = :own
        def self.mute_pushes = :own
        def push_now = :own
      end
      after = members
      after.class_eval do
        def self.push_all = :own
        def self.mute_pushes = :own
        def push_now = :own
      end
      above = Class.new(ActiveRecord::Base) do
        self.abstract_class = true
        def self.push_all = :own
        def self.mute_pushes = :own
        def push_now(what = :own) = what
      end
      ann
      [before, after, members(above)].each do |klass|
        expect([klass.push_all, klass.mute_pushes, klass.first.push_now]).to eq(%i[own own own])
        expect(klass.where(age: 1).push_all).to eq(:own)
      end
      expect(members(above).first.push_now(:another)).to eq(:another)
    end

    it "its private methods" do
      klass = members do
        private

        def push_now = :own
      end
      expect { klass.find(ann.id).push_now }.to raise_error(NoMethodError, /private/)
    end

    it "its scopes, written before or after the push" do
      before = members { scope :push_all, -> { where(age: 30) } }
      after = members
      after.class_eval { scope :push_all, -> { where(age: 30) } }
      [before, after].each { |klass| expect(klass.where(id: ann.id).push_all).to be_a(ActiveRecord::Relation) }
    end

    def change_schema
      Member.connection_pool.with_connection do |connection|
        yield connection
        connection.clear_cache! # prepared statements know the columns of before
      end
      Member.reset_column_information
    end

    it "its column" do
      change_schema { |connection| connection.add_column(:members, :push_now, :string) }
      klass = members
      record = klass.create!(name: "Ann", push_now: "yes")
      expect([record.push_now, klass.find(record.id).push_now]).to eq(%w[yes yes])
      expect(pushes { record.update!(name: "Bea") }.first["data"]["object"]).to include("push_now" => "yes")
    ensure
      change_schema { |connection| connection.remove_column(:members, :push_now) }
    end

    it "its association's own method" do
      families = Class.new(ActiveRecord::Base) do
        self.table_name = "families"
        def self.name = "Family"
        has_many(:members, foreign_key: :family_id) { def push_all = :own }
      end
      expect(families.create!.members.push_all).to eq(:own)
    end
  end

  it "arrives with the first push, in the class and those below it" do
    silent = members(push: false)
    expect([silent.respond_to?(:push_all), silent.method_defined?(:push_now)]).to eq([false, false])
    expect([Member, Puppy]).to all(respond_to(:push_all) & satisfy { |klass| klass.method_defined?(:push_now) })
    expect(Family.create!.members.push(ann).to_a).to eq([ann])
  end

  # All that goes through the extension's Direct.push.
  describe "sends what the rules declare" do
    def update_unnoticed(**values) = Member.where(id: ann.id).update_all(values)

    describe "push_now" do
      before { ann }

      it "pushes the row as it is, to the channels of an update, with every column named" do
        ann.name = "assigned, not saved"
        update_unnoticed(age: 31)
        messages = pushes { expect(ann.push_now).to be(true) }
        expect(messages.map { |message| message["channel"] })
          .to contain_exactly("/sync/family_1_members", "/sync/member_#{ann.id}")
        expect(messages.map { |message| message["data"] })
          .to all(include("event" => "update", "object" => include("name" => "Ann", "age" => 31),
                          "changed" => match_array(Member.column_names)))
        expect([ann.name, ann.age]).to eq(["assigned, not saved", 30])
      end

      it "pushes a create and a destroy to those that declare them; the destroyed row need not be there" do
        expect(events { expect(ann.push_now("create")).to be(true) }).to eq([%w[family_1_members create]])
        Member.where(id: ann.id).delete_all
        messages = pushes { expect(ann.push_now(:destroy)).to be(true) }
        expect(messages.map { |message| message["data"]["object"] }).to eq([{ "id" => ann.id }] * 2)
      end

      it "reads the row whatever was read before and whatever scope is in force" do
        pushed = pushes do
          Member.cache do
            Member.find(ann.id)
            Member.connection_pool.with_connection do |connection|
              execute = { sqlite: :execute, postgresql: :exec, mariadb: :query }.fetch(Database.kind)
              connection.raw_connection.public_send(execute, "UPDATE members SET age = 77 WHERE id = #{ann.id}")
            end
            Member.where(age: 1).scoping { ann.push_now }
          end
        end
        expect(pushed.first["data"]["object"]).to include("age" => 77)
      end

      it "finds composite keys", rails: ">= 7.1" do
        seat = Seat.create!(row: "A", number: 1)
        Seat.where(row: "A").update_all(taken: true)
        expect(pushes { seat.push_now }.first["data"]["object"]).to include("taken" => true)
      end

      it "is false where no channel hears of the event" do
        expect(pushes { expect(Family.create!.push_now(:destroy)).to be(false) }).to be_empty
        expect(log).to be_empty
      end

      it "reports what fails on the way, and raises nothing" do
        Pushable.configure { |config| config.delivery_method = :inline }
        ann.push_now
        expect(log).to include("cannot be reached")
      end
    end

    describe "push_all" do
      def insert(name, number)
        now = Time.now
        Member.insert!({ name:, age: number, family_id: 1 + (number / 2), created_at: now, updated_at: now })
      end

      def pushed_names(event = :create) = pushes { yield event }.map { |message| message["data"]["object"]["name"] }

      before { %w[Ann Bob Cid].each_with_index { |name, i| insert(name, i) } }

      it "pushes one payload a record and counts the records" do
        expect(pushed_names { |event| expect(Member.push_all(event)).to eq(3) }).to eq(%w[Ann Bob Cid])
        expect(pushes { expect(Member.push_all).to eq(3) }.size).to eq(6) # collections and instances
        expect(pushes { expect(Member.push_all(:destroy)).to eq(3) }.size).to eq(6)
      end

      it "honours conditions, order with a limit, and an offset" do
        expect(pushed_names { |event| Member.where(age: 1..).push_all(event) }).to eq(%w[Bob Cid])
        expect(pushed_names { |event| Member.order(age: :desc).limit(2).push_all(event) }).to eq(%w[Bob Cid])
        expect(pushed_names { |event| Member.order(age: :desc).push_all(event) }).to eq(%w[Ann Bob Cid])
        expect(pushed_names { |event| Member.order(:age).offset(1).limit(9).push_all(event) }).to eq(%w[Bob Cid])
      end

      it "takes an association" do
        family = Family.create!(id: 1)
        expect(pushed_names { |event| family.members.push_all(event) }).to eq(%w[Ann Bob])
        family.members.load
        Member.update_all(name: "new")
        expect(pushed_names { |event| family.members.push_all(event) }).to eq(%w[new new])
      end

      it "pushes whole rows, each once, whatever the query joins and selects" do
        stub_const("Pushable::ByHand::BATCH", 2)
        3.times { SilentMember.create!(family_id: 2, name: "twin") }
        joined = Member.joins("JOIN members twins ON twins.family_id = members.family_id").select(:name)
                       .where(members: { name: "Cid" })
        [joined, joined.order(:age).limit(9)].each do |relation|
          messages = pushes { expect(relation.push_all(:create)).to eq(1) }
          expect(messages.map { |message| message["data"]["object"] }).to match([include("name" => "Cid", "age" => 2)])
        end
      end

      it "reads in batches" do
        stub_const("Pushable::ByHand::BATCH", 2)
        [Member.all, Member.order(:id).limit(5)].each do |relation|
          expect(pushed_names { |event| relation.push_all(event) }).to eq(%w[Ann Bob Cid])
        end
      end

      it "finds composite keys", rails: ">= 7.1" do
        [1, 2, 3].each { |number| Seat.insert!({ row: "A", number:, taken: false }) }
        expect(pushes { expect(Seat.order(number: :desc).limit(2).push_all(:create)).to eq(2) }
          .map { |message| message["data"]["object"]["number"] }).to eq([2, 3])
      end

      it "holds the channel methods to no scope but the class's own" do
        Notice.behaviour = ->(_) { "of_#{Notice.count}" }
        2.times { |i| Notice.insert!({ text: i.to_s }) }
        expect(events { Notice.where(text: "1").push_all(:create) }).to eq([%w[of_2 create]])
      ensure
        Notice.behaviour = nil
      end

      it "goes on after a record whose channel cannot be told" do
        Notice.behaviour = ->(notice) { notice.text == "bad" ? raise("no channel") : "fine" }
        %w[bad good].each { |text| Notice.insert!({ text: }) }
        expect(events { expect(Notice.push_all(:create)).to eq(1) }).to eq([%w[fine create]])
        expect(log).to include("no channel")
      ensure
        Notice.behaviour = nil
      end

      it "leaves out the classes that are muted" do
        [Animal, Dog].each { |klass| klass.create!(name: klass.name) }
        expect(pushed_names { |event| Dog.mute_pushes { expect(Animal.push_all(event)).to eq(1) } }).to eq(["Animal"])
      end
    end
  end
end
