# frozen_string_literal: true

require "support/pushing"
require "support/random_program"
require "support/writer"

# Several connections at once, as the threads and processes of an application have them. SQLite lets one write at a
# time, so this needs a server.
RSpec.describe "Pushing from several connections", :pushing, databases: %i[postgresql mariadb] do
  let!(:member) { Member.create!(name: "Ann", age: 30, family_id: 1) }
  let(:browser) { Browser.new.tap { |browser| created.each { |message| browser.apply(message) } } }
  let(:writers) { [] }
  let!(:created) { Pushable.deliveries.dup }

  before { Pushable.deliveries.clear }
  after { writers.each(&:abandon) }

  def writer = Writer.new.tap { |writer| writers << writer }
  def connection = ActiveRecord::Base.connection
  def row = JSON.parse(JSON.generate(Member.find(member.id).as_json))

  # What the members' collection heard since then.
  def heard
    Pushable.deliveries.select { |message| message["channel"] == "/sync/family_1_members" }
  end

  def told(name) = heard.map { |message| message["data"][name] }

  # What a browser that saw the creation shows after all that, in the order of the stamps, as the real one goes by them.
  def shown
    heard.sort_by { |message| message["data"]["at"] }.each { |message| browser.apply(message) }
    browser.collections["/sync/family_1_members"][member.id]
  end

  def wait_for_lock
    waiting = { postgresql: "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
                mariadb: "SELECT variable_value FROM information_schema.global_status " \
                         "WHERE variable_name = 'innodb_row_lock_current_waits'" }
    wait_until("a writer waits for the row") { connection.select_value(waiting.fetch(Database.kind)).to_i.positive? }
  end

  # What an application does that takes such errors for a reason to try again.
  def retrying(error)
    attempts = 0
    begin
      attempts += 1
      yield attempts
    rescue error
      retry if attempts < 10
      raise
    end
    attempts
  end

  describe "two writers of one row" do
    values = { "name" => "Bea", "age" => 31 }

    # Both load it; who saves first holds the row until its commit, and the other waits for that.
    [%w[name age], %w[age name]].each do |first, second|
      it "tell of their own columns alone, in the order of the commits (#{first} first)" do
        one = writer
        other = writer
        mine, theirs = [one, other].map { |each| each.run { Member.find(member.id) } }
        one.run { mine.update!(values.slice(first)) }
        waiting = other.start { theirs.update!(values.slice(second)) }
        wait_for_lock
        expect(heard).to be_empty
        one.commit
        waiting.value!
        expect(told("changed")).to eq([[first, "updated_at"]])
        other.commit

        expect(told("changed")).to eq([[first, "updated_at"], [second, "updated_at"]])
        expect(told("object").last[first]).not_to eq(values[first]) # loaded before it was written
        expect(told("at")).to eq(told("at").sort.uniq)
        expect(shown).to eq(row).and include(values)
      end
    end

    it "are stamped in the order of the commits, though the first be held up after its own" do
      committed = Concurrent::Event.new
      go_on = Concurrent::Event.new
      stub_const("Hold", Class.new(ActiveRecord::Base) do
        self.table_name = "animals"
        self.inheritance_column = nil
        after_commit { committed.set && go_on.wait(Writer::SECONDS) }
      end)
      one = writer
      one.run { Hold.create!(name: "before ours") && Member.find(member.id).update!(name: "Bea") }
      leaving = Thread.new { one.commit }
      committed.wait(Writer::SECONDS)
      Member.find(member.id).update!(name: "Cid")
      go_on.set
      leaving.join
      expect(told("object").map { |object| object["name"] }).to eq(%w[Cid Bea])
      expect(shown).to eq(row).and include("name" => "Cid")
    end

    it "tell of a row that one destroyed as destroyed, and not as updated after that" do
      one = writer
      other = writer
      mine, theirs = [one, other].map { |each| each.run { Member.find(member.id) } }
      one.run { mine.destroy! }
      waiting = other.start { theirs.update(age: 31) }
      wait_for_lock
      one.commit
      waiting.wait(Writer::SECONDS)
      other.commit
      expect(told("event")).to eq(["destroy"])
      expect(shown).to be_nil
    end
  end

  it "many writers of one row leave a browser that obeys changed and at equal to it" do
    random = Random.new(RSpec.configuration.seed)
    plans = Array.new(4) do |number|
      Array.new(40) { |i| random.rand(2).zero? ? { name: "#{number} #{i}" } : { age: random.rand(90) } }
    end
    plans.map { |plan| Thread.new { plan.each { |values| Member.find(member.id).update!(values) } } }.each(&:join)
    expect(told("at").uniq.size).to eq(heard.size)
    expect(shown).to eq(row)
  end

  describe "a transaction that is tried again" do
    it "after a deadlock pushes once" do
      other = Member.create!(name: "Cid", family_id: 1)
      Pushable.deliveries.clear
      both_hold_one = Concurrent::CyclicBarrier.new(2)
      attempts = { "Ann 2" => [member, other], "Cid 2" => [other, member] }.map do |name, rows|
        Thread.new do
          retrying(ActiveRecord::Deadlocked) do |attempt|
            Member.transaction do
              Member.find(rows[0].id).update!(name:)
              both_hold_one.wait(10) if attempt == 1
              Member.find(rows[1].id).update!(name:)
            end
          end
        end
      end.sum(&:value)
      expect(attempts).to eq(3) # one of the two was chosen to fail
      expect(Pushable.deliveries.size).to eq(8)
      expect(told("object").map { |object| object.values_at("id", "name") })
        .to match_array([member, other].product(["Ann 2", "Cid 2"]).map { |record, name| [record.id, name] })
    end

    it "after a failure to serialize pushes once", databases: [:postgresql] do
      tries = retrying(ActiveRecord::SerializationFailure) do |attempt|
        Member.transaction(isolation: :repeatable_read) do
          Animal.create!(name: "Rex")
          mine = Member.find(member.id)
          Thread.new { Member.find(member.id).update!(name: "Bea") }.join if attempt == 1
          mine.update!(age: 31)
        end
      end
      expect(tries).to eq(2)
      expect(told("changed")).to eq([%w[name updated_at], %w[age updated_at]])
      expect(told("object").last).to include("name" => "Bea", "age" => 31)
      expect(Pushable.deliveries.map { |message| message["channel"] }.tally)
        .to eq("/sync/animals" => 1, "/sync/family_1_members" => 2, "/sync/member_#{member.id}" => 2)
    end

    it "after a stale object pushes once" do
      document = Document.create!(title: "a")
      Thread.new { Document.find(document.id).update!(title: "b") }.join
      Pushable.deliveries.clear
      tries = retrying(ActiveRecord::StaleObjectError) do |attempt|
        document.reload if attempt > 1
        document.update!(title: "c")
      end
      expect(tries).to eq(2)
      expect(Pushable.deliveries.map { |message| message["data"]["object"].values_at("title", "lock_version") })
        .to eq([["c", 2]] * 2)
    end
  end

  it "a statement that fails inside a savepoint leaves what was noted before and after it" do
    Member.transaction do
      member.update!(name: "Bea")
      begin
        Member.transaction(requires_new: true) do
          Member.create!(name: "lost", family_id: 1)
          connection.execute("SELECT no_such_column FROM members")
        end
      rescue ActiveRecord::StatementInvalid
        member.update!(age: 31)
      end
    end
    expect(Pushable.deliveries.size).to eq(2) # the collection and the instance, and nobody else
    expect(told("changed")).to match([contain_exactly("name", "age", "updated_at")])
    expect(shown).to eq(row)
  end

  describe "a connection that dies in the middle of a transaction" do
    # As seen by the server: the client notices at its next word.
    def cut
      number = { postgresql: "pg_backend_pid()", mariadb: "connection_id()" }.fetch(Database.kind)
      kill = { postgresql: "SELECT pg_terminate_backend(%d)", mariadb: "KILL %d" }.fetch(Database.kind)
      id = connection.select_value("SELECT #{number}")
      Thread.new { ActiveRecord::Base.with_connection { |other| other.execute(format(kill, id)) } }.join
    end

    {
      "before another write" => -> { Member.create!(name: "late", family_id: 1) },
      "before its commit" => -> {}
    }.each do |moment, rest|
      it "#{moment} pushes nothing, and the next transaction works" do
        expect do
          Member.transaction do
            member.update!(name: "lost")
            Animal.create!(name: "lost")
            cut
            rest.call
          end
        end.to raise_error(ActiveRecord::ActiveRecordError)
        expect(Pushable.deliveries).to be_empty
        expect(row).to include("name" => "Ann")

        member.reload.update!(age: 31)
        expect(told("changed")).to eq([%w[age updated_at]])
        expect(shown).to eq(row)
      end
    end
  end

  it "what one has noted waits for its commit, whatever another commits in the meantime" do
    one = writer
    other = writer
    one.run { Member.create!(name: "one", family_id: 1) }
    other.run { Member.create!(name: "other", family_id: 1) }
    other.commit
    expect(told("object").map { |object| object["name"] }).to eq(["other"])
    one.commit
    expect(told("object").map { |object| object["name"] }).to eq(%w[other one])
  end
end
