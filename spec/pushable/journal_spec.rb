# frozen_string_literal: true

require "tempfile"
require "support/rows"
require "support/ruby_process"

# The journal: what is noted inside a transaction, on which connection, and when it is told.
RSpec.describe "The journal of a transaction", :pushing, :rows do
  let(:room) { Room.create!(name: "attic", house_id: 1, visits: 2) }
  let(:connection) { Room.connection }

  before { room }

  def nested(&) = Room.transaction(requires_new: true, &)

  # Every statement, and whatever else the example adds, in the order in which it happened.
  def happenings
    list = []
    statement = ->(*, payload) { list << payload[:sql] unless payload[:name] == "SCHEMA" }
    ActiveSupport::Notifications.subscribed(statement, "sql.active_record") { yield list }
    list
  end

  describe "before the COMMIT" do
    # A class that says when it is asked for anything.
    def asked(list, parent: ActiveRecord::Base, &body)
      declare("AskedRoom", "rooms", parent) do
        define_method(:collection_channel) { (list << :channel) && "rooms_of_#{house_id}" }
        define_method(:instance_channel) { (list << :channel) && "one_#{id}" }
        class_eval(&body) if body
      end
    end

    it "no method of the application is called, and no query is made" do
      list = nil
      found = happenings do |happened|
        list = happened
        asked(list) { define_method(:as_json) { |*arguments| (list << :json) && super(*arguments) } }
        asked = AskedRoom.find(room.id)
        list.clear
        AskedRoom.transaction do
          asked.update!(name: "loft", house_id: 2)
          asked.touch
          AskedRoom.find(room.id).update!(visits: 5)
          AskedRoom.create!(name: "new").destroy!
          AskedRoom.create!(name: "newer")
        end
      end
      commit = found.index { |happened| happened.to_s.match?(/\Acommit/i) }
      expect(found[...commit].grep(Symbol)).to be_empty
      expect(found[...commit].map { |sql| sql[/\A\w+/].upcase }.tally)
        .to eq("BEGIN" => 1, "UPDATE" => 3, "SELECT" => 1, "INSERT" => 2, "DELETE" => 1)
      expect(found[commit..].grep(Symbol)).to include(:channel, :json)
    end

    it "the statements are those of a class that does not push, and after it none is added for a plain write" do
      stub_const("SilentRoom", Class.new(ActiveRecord::Base) { self.table_name = "rooms" })
      statements = [SilentRoom, Room].map do |klass|
        id = klass.create!(name: "a").id
        happenings do
          record = klass.find(id)
          record.update!(name: "b")
          record.touch
          klass.create!(name: "c").destroy!
        end
      end
      without_values = statements.map { |list| list.map { |sql| sql.gsub(/\d+|'[^']*'/, "?") } }
      expect(without_values[1]).to eq(without_values[0])
    end

    it "what happens to values in place or by assignment does not change what is told" do
      room.update!(colour: "red")
      expect_one_update(room) do
        Room.transaction do
          room.update!(name: +"loft", colour: "blue")
          room.name << " and more"
          room.settings["colour"] << "ish"
          room.settings["other"] = 1
          room.assign_attributes(visits: 99, house_id: 7, lit: true)
        end
      end
    end

    it "nor does what a callback of the application does to the record after the write" do
      declare("CarelessRoom", "rooms") do
        after_save { name << "!" }
        before_commit { self.visits = 1000 }
        after_commit { self.name = "gone" }
      end
      careless = CarelessRoom.find(room.id)
      expect_one_update(careless) { careless.update!(name: +"loft") }
      expect(row(careless)).to include("name" => "loft", "visits" => 2)
    end

    it "nor does what Rails is told to take for saved" do
      expect_one_update(room) do
        Room.transaction do
          room.update!(name: "loft")
          room.assign_attributes(name: "never saved", house_id: 1)
          room.clear_changes_information
        end
      end
    end

    it "the collector may move what was noted" do
      messages = pushes do
        Room.transaction do
          100.times { |number| Room.create!(name: "no. #{number}", house_id: 3) }
          GC.start
          GC.compact if GC.respond_to?(:compact)
          Room.where(house_id: 3).order(:id).first(2).each { |found| found.update!(visits: 1) }
        end
      end
      expect(messages.map { |message| message["data"]["object"] })
        .to match_array(Room.where(house_id: 3).map { |found| row(found) })
    end
  end

  describe "savepoints" do
    # For each way three savepoints in each other can end: the writes of all that were released make one update.
    [true, false].repeated_permutation(3) do |kept|
      title = kept.map { |released| released ? "released" : "rolled back" }.join(", ")

      it "three deep on one instance: #{title}" do
        expect_one_update(room) do
          Room.transaction do
            values = [{ name: "b" }, { visits: 7 }, { state: :taken }]
            written = values.map { |value| -> { room.update!(value) } }
            deeper(written, kept)
            room.update!(lit: true) # Rails leaves the instance what was rolled back
          end
        end
      end

      it "three deep on an instance each: #{title}" do
        expect_one_update(room) do
          Room.transaction do
            written = [{ name: "b" }, { visits: 7 }, { state: :taken }].map do |values|
              -> { Room.find(room.id).update!(values) }
            end
            deeper(written, kept)
            room.reload.update!(lit: true)
          end
        end
      end
    end

    def deeper(writes, kept)
      return if writes.empty?

      nested do
        writes.first.call
        deeper(writes.drop(1), kept.drop(1))
        raise ActiveRecord::Rollback unless kept.first
      end
    end

    it "rolled back by an error that is rescued outside of them take only their own along" do
      expect_one_update(room) do
        Room.transaction do
          room.update!(name: "b")
          begin
            nested do
              nested { room.update!(visits: 9) }
              raise "no"
            end
          rescue RuntimeError
            nil
          end
          nested { Room.find(room.id).update!(lit: true) }
        end
      end
    end

    it "take a move back, and one after it begins where the row was" do
      heard = told do
        Room.transaction do
          nested do
            room.update!(house_id: 2)
            raise ActiveRecord::Rollback
          end
          room.update!(house_id: 3)
        end
      end
      expect(heard.map { |event| event.first(2) })
        .to contain_exactly(%w[house_1_rooms destroy], %w[house_3_rooms create], ["room_#{room.id}", "update"])
      expect(row(room)).to include("house_id" => 3)
    end

    it "take a destruction back" do
      expect_one_update(room) do
        Room.transaction do
          nested do
            Room.find(room.id).destroy!
            raise ActiveRecord::Rollback
          end
          room.update!(name: "still there")
        end
      end
    end

    it "take a creation back, and another one under its key counts" do
      messages = pushes do
        Voucher.transaction do
          Voucher.transaction(requires_new: true) do
            Voucher.create!(id: "v", name: "rolled back")
            raise ActiveRecord::Rollback
          end
          Voucher.create!(id: "v", name: "kept")
        end
      end
      expect(messages.map { |message| message["data"].values_at("event", "object") })
        .to eq([["create", row(Voucher.find("v"))]])
    end

    it "released and then rolled back with what is around them tell nothing" do
      expect(told do
        Room.transaction do
          nested do
            nested { room.update!(name: "b") }
            nested { Room.create!(house_id: 1) }
          end
          raise ActiveRecord::Rollback
        end
      end).to be_empty
    end
  end

  describe "the end of a transaction" do
    it "by a failing COMMIT tells nothing, and leaves nothing for the next one" do
      allow(connection).to receive(:commit_db_transaction).and_raise(ActiveRecord::StatementInvalid, "disk full")
      expect(told { expect { room.update!(name: "b") }.to raise_error(/disk full/) }).to be_empty
      allow(connection).to receive(:commit_db_transaction).and_call_original
      expect(room.reload.name).to eq("attic")
      expect_one_update(room) { room.update!(name: "c") }
    end

    it "by a throw tells what was committed, whatever this Rails does with it" do
      heard = told do
        catch(:out) do
          Room.transaction do
            Room.create!(name: "thrown", house_id: 4)
            throw :out
          end
        end
      end
      expect(heard.size).to eq(Room.where(name: "thrown").count)
    end

    it "by begin_transaction and commit_transaction or rollback_transaction is as that of a block" do
      connection.begin_transaction
      room.update!(name: "rolled back")
      expect(told { connection.rollback_transaction }).to be_empty
      connection.begin_transaction
      room.reload.update!(name: "kept")
      expect(told { connection.commit_transaction }.size).to eq(2)
    end

    it "flushes whatever a callback of the application raises or throws" do
      declare("LoudRoom", "rooms") { after_commit { throw :out } }
      heard = told do
        catch(:out) do
          Room.transaction do
            LoudRoom.create!(name: "first")
            room.update!(name: "b")
            Room.create!(house_id: 5)
          end
        end
      end
      expect(heard.map(&:first)).to eq(["loud_rooms", "house_1_rooms", "room_#{room.id}", "house_5_rooms"])
    end
  end

  describe "a save inside an after_commit" do
    it "of a record that the same transaction wrote later comes after the transaction's own event" do
      second = room
      declare("FirstRoom", "rooms") { after_commit(on: :create) { second.update!(name: "second save") } }
      messages = pushes do
        Room.transaction do
          FirstRoom.create!(name: "first")
          second.update!(name: "first save")
        end
      end
      heard = messages.select { |message| message["channel"] == "/sync/room_#{room.id}" }
      expect(heard.map { |message| message["data"]["object"]["name"] }).to eq(["first save", "second save"])
      expect(heard.last["data"]["object"]).to eq(row(room))
      expect(heard.map { |message| message["data"]["at"] }).to eq(heard.map { |message| message["data"]["at"] }.sort)
    end

    it "that is rolled back takes nothing of the transaction it came from along" do
      declare("FirstRoom", "rooms") do
        after_commit(on: :create) do
          Voucher.transaction do
            Voucher.create!(id: "no")
            raise ActiveRecord::Rollback
          end
        end
      end
      heard = told do
        Room.transaction do
          FirstRoom.create!(name: "first")
          room.update!(name: "b")
        end
      end
      expect(heard.map(&:first)).to eq(["first_rooms", "house_1_rooms", "room_#{room.id}"])
    end

    it "by ActiveRecord.after_all_transactions_commit comes after what it waited for", rails: ">= 7.2" do
      heard = told do
        Room.transaction do
          ActiveRecord.after_all_transactions_commit { Voucher.create!(id: "after") }
          room.update!(name: "b")
        end
      end
      expect(heard.map(&:first)).to eq(["house_1_rooms", "room_#{room.id}", "vouchers"])
    end
  end

  # A plain after_commit beside ours: both are to hear of a write at the same moments.
  describe "as after_commit" do
    let(:heard) { [] }

    before do
      list = heard
      declare("HeardRoom", "rooms") { after_commit { list << name } }
    end

    # Runs the block, which calls its argument where the two shall be compared.
    def compare
      Pushable.deliveries.clear
      moments = []
      yield(lambda do
        told = Pushable.deliveries.map { |message| message["data"]["object"]["name"] }
        moments << [heard.dup, told]
        expect(told).to eq(heard)
      end)
      moments.map { |both| both.first.size }
    end

    it "on a transaction that cannot be joined" do
      expect(compare do |check|
        Room.transaction(joinable: false) do
          HeardRoom.create!(name: "a")
          check.call
          Room.transaction { HeardRoom.create!(name: "b") && check.call }
          check.call
        end
        check.call
      end).to eq([1, 1, 2, 2])
    end

    it "on one that cannot be joined inside one that can" do
      expect(compare do |check|
        Room.transaction do
          HeardRoom.create!(name: "a")
          Room.transaction(joinable: false, requires_new: true) do
            HeardRoom.create!(name: "b")
            check.call
          end
          check.call
          HeardRoom.create!(name: "c")
        end
        check.call
      end).to eq([1, 1, 3])
    end

    it "on one that cannot be joined and is rolled back in the end" do
      expect(compare do |check|
        Room.transaction(joinable: false) do
          HeardRoom.create!(name: "a")
          nested do
            HeardRoom.create!(name: "b")
            raise ActiveRecord::Rollback
          end
          check.call
          raise ActiveRecord::Rollback
        end
        check.call
      end).to eq([1, 1])
    end

    it "in a transaction that was begun by hand, of which Rails knows nothing" do
      compare do |check|
        connection.begin_db_transaction
        begin
          HeardRoom.create!(name: "a")
        rescue ActiveRecord::StatementInvalid
          nil # a database that knows no transaction inside a transaction
        end
        check.call
        connection.rollback_db_transaction
        check.call
        HeardRoom.create!(name: "b")
        check.call
      end
    end

    it "outside of any transaction ours alone hears of a counter that is raised with a touch, and at once" do
      counted = HeardRoom.create!(name: "a", visits: 1)
      compare_with = row(counted)
      heard.clear
      messages = pushes { counted.increment!(:visits, touch: true) }
      expect(heard).to be_empty
      expect(messages.map { |message| message["data"]["object"] }).to eq([row(counted)] * 2)
      expect(row(counted)).to include("visits" => compare_with["visits"] + 1)
    end
  end

  describe "connections" do
    it "none is checked out for good", rails: ">= 7.2" do
      before = ActiveRecord.permanent_connection_checkout
      ActiveRecord.permanent_connection_checkout = :disallowed
      ActiveRecord::Base.connection_pool.release_connection
      expect(told do
        Room.transaction do
          room.update!(house_id: 2) # read again by its key: it enters a channel
          Room.find(room.id).update!(name: "b")
        end
        Room.create!(house_id: 1).destroy!
      end.size).to eq(6)
      expect(ActiveRecord::Base.connection_pool.active_connection?).to be_falsy
      expect(log).to be_empty
    ensure
      ActiveRecord.permanent_connection_checkout = before
    end

    describe "of their own" do
      around do |example|
        Tempfile.create("pushable") do |file|
          Database.connect(FileRecord, file.path)
          example.run
        ensure
          FileRecord.remove_connection
        end
      end

      %i[reset! disconnect! reconnect!].each do |ending|
        it "that are ended by #{ending} in a transaction leak nothing into the next one", rails: ">= 7.1" do
          own = FileMember.connection
          heard = told do
            own.begin_transaction
            FileMember.create!(id: 77, name: "lost")
            own.public_send(ending)
          end
          expect(heard).to be_empty
          messages = pushes { FileMember.transaction { FileMember.create!(name: "next") } }
          expect(messages.map { |message| message["data"]["object"]["name"] }).to eq(["next"])
          expect(FileMember.pluck(:name)).to eq(["next"])
          expect(FileMember.connection).to equal(own)
        end
      end

      # MariaDB commits nothing without a word, and Rails takes it for a commit.
      it "that are reset inside a transaction's block tell nothing of it either",
         rails: ">= 7.1", databases: %i[sqlite postgresql] do
        heard = told do
          FileMember.transaction do
            FileMember.create!(id: 77, name: "lost")
            FileMember.connection.reset!
          end
        rescue ActiveRecord::ActiveRecordError
          nil # the transaction that was to be committed is gone
        end
        expect([heard, FileMember.count]).to eq([[], 0])
        expect(told { FileMember.create!(name: "next") }.size).to eq(1)
      end

      it "whose statement failed, which PostgreSQL answers by rolling back at COMMIT, tell nothing",
         databases: [:postgresql] do
        kept = FileMember.create!(name: "kept")
        heard = told do
          FileMember.transaction do
            kept.update!(name: "lost")
            FileMember.create!(name: "lost")
            FileMember.connection.execute("SELECT no_such_column FROM members")
          rescue ActiveRecord::StatementInvalid
            nil # and COMMIT says nothing of it
          end
        end
        expect([heard, FileMember.pluck(:name)]).to eq([[], ["kept"]])
        expect(told { FileMember.create!(name: "next") }.size).to eq(1)
      end

      it "of two databases commit each by itself" do
        heard = []
        Pushable.deliveries.clear
        Room.transaction do
          room.update!(name: "outer")
          FileMember.transaction do
            FileMember.create!(name: "inner")
            room.update!(visits: 8)
          end
          heard << Pushable.deliveries.map { |message| message["data"]["object"]["name"] }
        end
        heard << Pushable.deliveries.map { |message| message["data"]["object"]["name"] }
        expect(heard).to eq([["inner"], %w[inner outer outer]])
      end

      it "one instance that another thread saved is told of by that thread's own commit" do
        FileMember.create!(name: "first")
        Pushable.deliveries.clear
        shared = FileMember.new(name: "shared")
        Room.transaction do # of another database: SQLite has one writer each
          room.update!(name: "open")
          Thread.new { FileMember.transaction { shared.save! } }.join
          expect(Pushable.deliveries.map { |message| message["data"]["object"] }).to eq([row(shared)])
        end
      end

      it "of a thread that dies in its transaction tell nothing" do
        FileMember.create!(name: "first")
        Pushable.deliveries.clear
        go = Queue.new
        thread = Thread.new do
          FileMember.transaction do
            FileMember.create!(name: "lost")
            go << true
            sleep
          end
        end
        go.pop
        thread.kill.join
        FileMember.connection_pool.reap
        FileMember.create!(name: "kept")
        expect(Pushable.deliveries.map { |message| message["data"]["object"]["name"] })
          .to eq(FileMember.where.not(name: "first").order(:id).pluck(:name))
      end
    end
  end

  it "under Rails' own transactional tests tells what the inner commits tell, and nothing of the fixtures" do
    result = RubyProcess.run(<<~RUBY)
      $LOAD_PATH.unshift "spec"
      require "support/models"
      require "active_support/test_case"
      require "active_record/fixtures"
      require "minitest"
      Pushable.configure { |config| config.delivery_method = :test }

      class FixtureTest < ActiveSupport::TestCase
        include ActiveRecord::TestFixtures
        self.use_transactional_tests = true
        self.test_order = :sorted

        def events = Pushable.deliveries.map { |message| message["data"].values_at("event", "object") }
        setup { Pushable.deliveries.clear }

        def test_1_a_save
          Member.create!(name: "a", family_id: 1).update!(name: "b")
          assert_equal %w[create update update], events.map(&:first)
        end

        def test_2_the_database_was_rolled_back_and_nothing_is_told_of_that
          assert_equal [0, []], [Member.count, events]
        end

        def test_3_a_transaction_of_several_writes
          Member.transaction do
            member = Member.create!(name: "a")
            Member.transaction(requires_new: true) { member.update!(name: "b") }
            assert_empty events
          end
          assert_equal [["create", "b"]], events.map { |event, object| [event, object["name"]] }
        end

        def test_4_a_rollback
          Member.transaction { Member.create!(name: "a") && raise(ActiveRecord::Rollback) }
          assert_empty events
        end
      end

      Minitest.seed ||= 1 # what its own runner would set
      runs = FixtureTest.runnable_methods.map { |name| FixtureTest.new(name).run }
      runs.each { |run| puts run.failures.map(&:message) }
      puts "\#{runs.size} tests, \#{runs.sum(&:assertions)} assertions, \#{Member.count} rows, " \\
           "\#{Pushable.deliveries.size} deliveries"
    RUBY
    expect(result.output).to eq("4 tests, 7 assertions, 0 rows, 0 deliveries\n")
  end
end
