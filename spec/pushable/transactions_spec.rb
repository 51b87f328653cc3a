# frozen_string_literal: true

require "support/pushing"

# Several writes in one transaction: one event per record, when the outermost one commits, and none before.
RSpec.describe "Pushing a transaction", :pushing do
  let(:member) { Member.create!(name: "Ann", age: 30, family_id: 1) }
  let(:instance) { "member_#{member.id}" }

  before { member }

  def nested(&) = Member.transaction(requires_new: true, &)

  # What the members' collection heard, as [event, name, changed].
  def heard(messages, channel = "family_1_members")
    messages.select { |message| message["channel"] == "/sync/#{channel}" }
            .map { |message| message["data"].values_at("event", "object", "changed") }
            .map { |event, object, changed| [event, object["name"], changed&.sort] }
  end

  it "tells nothing before the commit" do
    Pushable.deliveries.clear
    Member.transaction do
      member.update!(name: "Bea")
      nested { Member.create!(family_id: 1) }
      expect(Pushable.deliveries).to be_empty
    end
    expect(Pushable.deliveries.size).to eq(3)
  end

  # A failed query aborts the whole transaction on PostgreSQL: ours, or one of the application's that we cause, must
  # come after the commit.
  describe "before its commit" do
    # What the database was sent during the block, without its values; and whatever the block adds.
    def statements
      heard = []
      note = ->(*, payload) { heard << payload[:sql].gsub(/\d+|'[^']*'/, "?") unless payload[:name] == "SCHEMA" }
      ActiveSupport::Notifications.subscribed(note, "sql.active_record") { yield heard }
      heard
    end

    def until_commit(statements) = statements.take_while { |statement| !statement.match?(/\Acommit/i) }

    it "asks the database nothing that the same writes would not ask without a push" do
      asked = [Member, SilentMember].map do |klass|
        klass.columns # read once for the class
        until_commit(statements do
          klass.transaction do
            first, second = Array.new(2) { klass.create!(name: "Bea", family_id: 1) }
            klass.find(first.id).update!(family_id: 2)
            first.update!(name: "Cid")
            first.touch
            second.destroy!
          end
        end)
      end
      expect(asked[0].size).to be > 7
      expect(asked[0]).to eq(asked[1])
    end

    it "runs no channel method" do
      notice = Notice.create!(text: "a", target: "x")
      heard = statements do |log|
        Notice.behaviour = ->(asked) { asked.target.tap { log << "channel method" } }
        Notice.transaction do
          notice.update!(target: "y")
          Notice.create!(target: "z").destroy!
        end
      end
      expect(until_commit(heard)).not_to include("channel method")
      expect(heard).to include("channel method")
    ensure
      Notice.behaviour = nil
    end
  end

  describe "rolled back" do
    it "tells nothing, by Rollback or by an error" do
      messages = pushes do
        Member.transaction do
          member.update!(name: "Bea")
          raise ActiveRecord::Rollback
        end
        begin
          Member.transaction do
            Member.create!(name: "Cid")
            raise "no"
          end
        rescue RuntimeError
          nil
        end
      end
      expect(messages).to be_empty
      expect(events { member.reload.update!(age: 1) }.size).to eq(2)
    end

    it "tells nothing when the save itself fails" do
      stub_const("Failing", Class.new(ActiveRecord::Base) do
        self.table_name = "members"
        push
        after_save { raise "no" }
      end)
      expect(pushes { expect { Failing.create! }.to raise_error("no") }).to be_empty
    end
  end

  describe "savepoints" do
    it "that are rolled back take their events along" do
      messages = pushes do
        Member.transaction do
          member.update!(name: "Bea")
          nested do
            Member.find(member.id).update!(age: 99)
            Member.create!(name: "Cid", family_id: 1)
            raise ActiveRecord::Rollback
          end
        end
      end
      expect(heard(messages)).to eq([["update", "Bea", %w[name updated_at]]])
      expect(messages.first["data"]["object"]["age"]).to eq(30)
    end

    it "that are rolled back on the same instance leave what was saved before" do
      messages = pushes do
        Member.transaction do
          member.update!(name: "Bea")
          nested do
            member.update!(name: "rolled back")
            raise ActiveRecord::Rollback
          end
        end
      end
      expect(heard(messages)).to eq([["update", "Bea", %w[name updated_at]]])
    end

    it "that are released give theirs to the one event" do
      messages = pushes do
        Member.transaction do
          member.update!(name: "Bea")
          nested { member.update!(age: 31) }
        end
      end
      expect(heard(messages)).to eq([["update", "Bea", %w[age name updated_at]]])
    end

    it "first in their transaction are rolled back, too, and what follows counts" do
      messages = pushes do
        Member.transaction do
          nested do
            member.update!(name: "rolled back")
            raise ActiveRecord::Rollback
          end
          member.reload.update!(age: 31)
        end
      end
      expect(heard(messages)).to eq([["update", "Ann", %w[age updated_at]]])
    end

    # For each way three savepoints in each other can end, which writes count.
    [true, false].repeated_permutation(3) do |outer, middle, inner|
      it "three deep: #{[outer, middle, inner].map { |kept| kept ? "released" : "rolled back" }.join(", ")}" do
        write = ->(name) { Member.create!(name:, family_id: 1) }
        level = lambda do |name, kept, &deeper|
          nested do
            write.call("#{name} before")
            deeper&.call
            write.call("#{name} after")
            raise ActiveRecord::Rollback unless kept
          end
        end
        messages = pushes do
          Member.transaction do
            level.call("outer", outer) { level.call("middle", middle) { level.call("inner", inner) } }
            write.call("last")
          end
        end
        expect(heard(messages).map { |event| event[1] }).to eq(Member.where.not(id: member.id).order(:id).pluck(:name))
      end
    end
  end

  describe "one record, several writes" do
    it "saved three times is one event with all that changed" do
      messages = pushes do
        Member.transaction do
          member.update!(name: "Bea")
          member.update!(age: 31)
          member.update!(name: "Cid")
        end
      end
      expect(messages.size).to eq(2)
      expect(heard(messages)).to eq([["update", "Cid", %w[age name updated_at]]])
      expect(heard(messages, instance)).to eq(heard(messages))
    end

    it "created and updated is created, as it is at last" do
      messages = pushes { Member.transaction { Member.create!(name: "a", family_id: 1).update!(name: "b") } }
      expect(heard(messages)).to eq([["create", "b", nil]])
      expect(messages.size).to eq(1)
    end

    it "updated and destroyed is destroyed" do
      expect(events do
        Member.transaction do
          member.update!(name: "Bea")
          member.destroy!
        end
      end).to contain_exactly(%w[family_1_members destroy], [instance, "destroy"])
    end

    it "created and destroyed is nothing" do
      expect(events { Member.transaction { Member.create!(family_id: 1).destroy! } }).to be_empty
    end

    it "destroyed and made again under its key is an update with every column" do
      messages = pushes do
        Member.transaction do
          member.destroy!
          Member.create!(id: member.id, name: "again", family_id: 1)
        end
      end
      expect(heard(messages)).to eq([["update", "again", Member.column_names.sort]])
      expect(heard(messages, instance).map(&:first)).to eq(["update"])
    end

    it "touched by one instance and destroyed by another is destroyed" do
      expect(events do
        Member.transaction do
          member.touch
          Member.find(member.id).destroy!
        end
      end).to contain_exactly(%w[family_1_members destroy], [instance, "destroy"])
    end

    [%w[first second], %w[second first]].each do |order|
      it "by two instances of its row (#{order.first} saves first) carries the row" do
        instances = { "first" => Member.find(member.id), "second" => Member.find(member.id) }
        messages = pushes do
          Member.transaction do
            order.each { |which| instances[which].update!(which == "first" ? { name: "Bea" } : { age: 9 }) }
          end
        end
        expect(messages.size).to eq(2)
        expect(heard(messages)).to eq([["update", "Bea", %w[age name updated_at]]])
        expect(messages.map { |message| message["data"]["object"]["age"] }).to eq([9, 9])
      end
    end
  end

  describe "what Rails does by itself" do
    it "touches a parent of three children once" do
      family = Family.create!(name: "Smith")
      messages = pushes { Family.transaction { 3.times { TouchingMember.create!(family:) } } }
      expect(messages.map { |message| [message["channel"], message["data"]["event"], message["data"]["changed"]] })
        .to eq([["/sync/family_#{family.id}", "update", ["updated_at"]]])
      expect(Time.iso8601(messages[0]["data"]["object"]["updated_at"])).to be_within(0.001).of(family.reload.updated_at)
    end

    it "touches a parent without saying again what an earlier save changed" do
      family = Family.create!(name: "Smith")
      family.update!(name: "Jones")
      messages = pushes { TouchingMember.create!(family:) }
      expect(messages.map { |message| message["data"]["changed"] }).to eq([["updated_at"]])
    end

    it "destroys what depends on a record" do
      family = Family.create!(id: 7, name: "Smith")
      children = Array.new(2) { family.members.create! }
      collection = "family_#{family.id}_members"
      expect(events { family.destroy! })
        .to match_array(children.flat_map { |child| [[collection, "destroy"], ["member_#{child.id}", "destroy"]] })
    end

    it "writes a record again in its own after_create" do
      stub_const("Numbered", Class.new(ActiveRecord::Base) do
        self.table_name = "members"
        push
        after_create { update!(name: "no. #{id}") }
      end)
      thing = nil
      messages = pushes { thing = Numbered.create!(name: "new") }
      expect(heard(messages, "numbereds")).to eq([["create", "no. #{thing.id}", nil]])
    end
  end

  describe "a save inside an after_commit" do
    it "is told of after the transaction it came from" do
      stub_const("Echo", Class.new(Member) do
        push
        after_commit(on: :create) { Animal.create!(name: "echo of #{name}") }
      end)
      heard = events { Echo.transaction { %w[a b].each { |name| Echo.create!(name:, family_id: 5) } } }
      expect(heard.select { |_, event| event == "create" }.map(&:first))
        .to eq(%w[family_5_members family_5_members animals animals])
      stamps = Pushable.deliveries.map { |message| message["data"]["at"] }
      expect(stamps).to eq(stamps.sort)
    end

    it "of the same record is an event of its own, after the first" do
      stub_const("Counted", Class.new(ActiveRecord::Base) do
        self.table_name = "members"
        push
        after_commit(on: :create) { update!(age: 1) }
      end)
      messages = pushes { Counted.create!(name: "a") }
      expect(messages.map { |message| message["data"].values_at("event", "changed") })
        .to eq([["create", nil], ["update", %w[age updated_at]], ["update", %w[age updated_at]]])
      expect(messages.map { |message| message["data"]["object"]["age"] }).to eq([nil, 1, 1])
    end
  end

  describe "joining" do
    it "an inner transaction without a savepoint belongs to the outer one" do
      expect(events do
        Member.transaction do
          Member.transaction { member.update!(name: "Bea") }
          raise ActiveRecord::Rollback
        end
      end).to be_empty
    end

    it "commits on a transaction that cannot be joined, as transactional tests have it, push" do
      connection = Member.connection
      connection.begin_transaction(joinable: false)
      expect(events { Member.create!(family_id: 3) }).to eq([%w[family_3_members create]])
      expect(events { Member.transaction { Member.create!(family_id: 4).update!(name: "b") } })
        .to eq([%w[family_4_members create]])
      expect(events do
        Member.transaction do
          Member.create!
          raise ActiveRecord::Rollback
        end
      end).to be_empty
      connection.rollback_transaction
      expect(Member.where(family_id: [3, 4])).to be_empty
    end

    it "Model.transaction(joinable: false) pushes at its own commit" do
      expect(events { Member.transaction(joinable: false) { member.update!(name: "Bea") } }.size).to eq(2)
      expect(events do
        Member.transaction(joinable: false) { Member.transaction { member.update!(name: "Cid") } }
      end.size).to eq(2)
    end
  end

  describe "on connections of their own" do
    around do |example|
      Dir.mktmpdir("pushable") do |directory|
        Database.connect(FileRecord, File.join(directory, "test.sqlite3"))
        example.run
      ensure
        FileRecord.remove_connection
      end
    end

    it "a thread's transaction keeps its notes until it commits, whatever another thread commits" do
      written = Queue.new
      go = Queue.new
      other = Thread.new do
        FileMember.transaction do
          FileMember.create!(name: "other")
          written << true
          go.pop
        end
      end
      written.pop
      names = ->(messages) { messages.map { |message| message["data"]["object"]["name"] }.uniq }
      expect(names[pushes { member.update!(name: "mine") }]).to eq(["mine"])
      expect(names[pushes { [go << true, other.join] }]).to eq(["other"])
    end

    it "a rollback on one database leaves the other's event" do
      messages = pushes do
        FileMember.transaction do
          FileMember.create!(name: "lost")
          member.update!(name: "kept")
          raise ActiveRecord::Rollback
        end
      end
      expect(messages.map { |message| message["data"]["object"]["name"] }).to eq(%w[kept kept])
    end
  end
end
