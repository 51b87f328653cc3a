# frozen_string_literal: true

require "support/rows"

# Every way Rails has to write one record, and what it tells: one event per record and outermost transaction, with the
# values that were committed. Several writes in a transaction: transactions_spec.rb; records that write others:
# associations_spec.rb; the journal's own rules: journal_spec.rb.
RSpec.describe "What a write tells", :pushing, :rows do
  let(:room) { Room.create!(name: "attic", house_id: 1, visits: 2) }

  before { room }

  describe "an update" do
    it("by update_attribute") { expect_one_update(room) { room.update_attribute(:name, "loft") } }
    it("by update_attribute, past a validation") do
      declare("StrictRoom", "rooms") { validates :name, length: { maximum: 3 } }
      strict = StrictRoom.find(room.id)
      expect_one_update(strict) { strict.update_attribute(:name, "too long") }
    end
    it("by toggle!") { expect_one_update(room) { room.toggle!(:lit) } }
    it("by save(validate: false)") do
      allow(room).to receive(:valid?).and_return(false)
      room.name = "loft"
      expect_one_update(room) { room.save(validate: false) }
    end
    it("by save(touch: false)") do
      room.name = "loft"
      expect_one_update(room) { room.save!(touch: false) }
      expect(Pushable.deliveries.last["data"]["changed"]).to eq(["name"])
    end
    it("by touch") { expect_one_update(room) { room.touch } }
    it("by touch with a time") { expect_one_update(room) { room.touch(time: Time.utc(2001, 2, 3)) } }
    it("by touch of another column") do
      house = House.create!(name: "Hill")
      expect_one_update(house) { house.touch(:opened_at) }
      expect(Pushable.deliveries.last["data"]["changed"]).to contain_exactly("opened_at", "updated_at")
    end
    it("by touch twice, of several columns") do
      house = House.create!(name: "Hill")
      expect_one_update(house) { House.transaction { 2.times { house.touch(:opened_at) } } }
    end
    it("of an enum, by its bang method") { expect_one_update(room) { room.taken! } }
    it("of a store's accessor") do
      expect_one_update(room) { room.update!(colour: "red") }
      expect_one_update(room) { room.update!(colour: "blue") }
    end
    it("of a value that was changed in place before the save") do
      room.update!(colour: "red")
      expect_one_update(room) do
        room.settings["colour"] = "green"
        room.name << " room"
        room.save!
      end
    end
    it("inside with_lock") { expect_one_update(room) { room.with_lock { room.update!(visits: 5) } } }
    it("after lock!") do
      expect_one_update(room) do
        Room.transaction do
          room.lock!
          room.update!(name: "loft")
        end
      end
    end
    it("of a record that was reloaded in the transaction") do
      expect_one_update(room) do
        Room.transaction do
          room.update!(name: "loft")
          room.reload.update!(visits: 9)
          room.reload
        end
      end
    end
    it("of an instance that a scope loaded read-only is refused, and tells nothing") do
      refused = Room.readonly.find(room.id)
      expect(told { expect { refused.update!(name: "b") }.to raise_error(ActiveRecord::ReadOnlyRecord) }).to be_empty
    end
    it("of a record with an attr_readonly that was changed in vain carries the row") do
      declare("FixedRoom", "rooms") { attr_readonly :visits }
      fixed = FixedRoom.find(room.id)
      expect_one_update(fixed) { fixed.update!(name: "b", visits: 99) }
      expect(row(fixed)).to include("visits" => 2)
    end
    it("that fails in the database tells nothing, and what follows in the transaction counts") do
      other = Room.create!(name: "hall", house_id: 1)
      expect_one_update(room) do
        Room.transaction do
          Room.transaction(requires_new: true) { Room.create!(id: other.id, house_id: 1) }
        rescue ActiveRecord::RecordNotUnique
          room.update!(name: "after the failure")
        end
      end
    end
    it("of a password names no digest") do
      declare("LockedRoom", "rooms") { has_secure_password validations: false }
      locked = LockedRoom.find(room.id)
      expect_one_update(locked) { locked.update!(password: "secret") }
      expect(JSON.generate(Pushable.deliveries)).not_to match(/password|digest|\$2a/)
    end
  end

  describe "attributes that are assigned and not saved" do
    it "are not told of, by a save before them" do
      expect_one_update(room) do
        Room.transaction do
          room.update!(name: "loft")
          room.assign_attributes(name: "unsaved", visits: 99, house_id: 7)
        end
      end
    end

    it "are not told of, by a touch after them" do
      room.assign_attributes(visits: 99, house_id: 7)
      expect_one_update(room) { room.touch }
      expect(room.visits).to eq(99)
    end

    it "are not told of when the key itself is assigned" do
      id = room.id
      expect_one_update(Room.find(id)) do
        Room.transaction do
          room.update!(name: "loft")
          room.id = id + 1000
        end
      end
    end

    it "are not told of by a second instance's write, whichever key the first was given" do
      expect_one_update(Room.find(room.id)) do
        Room.transaction do
          room.update!(name: "loft")
          room.id += 1000
          Room.find(room.id_in_database).update!(visits: 7)
        end
      end
    end

    it "leave a destruction under the key that the row had" do
      id = room.id
      messages = pushes do
        room.id = id + 1000
        room.destroy!
      end
      expect(Room.exists?(id)).to be(false)
      expect(messages.map { |message| message.dig("data", "object") }).to eq([{ "id" => id }] * 2)
      expect(messages.map { |message| message["channel"] }).to include("/sync/room_#{id}")
    end
  end

  describe "a creation" do
    it "carries the row" do
      created = nil
      messages = pushes { created = Room.create!(name: "cellar", house_id: 3, colour: "red", state: :taken) }
      expect(messages.map { |message| [message["channel"], message["data"]["object"]] })
        .to eq([["/sync/house_3_rooms", row(created)]])
    end

    it "of a duplicate is one of its own, and leaves the original alone" do
      copy = nil
      messages = pushes { Room.transaction { (copy = room.dup).save! } }
      expect(messages.map { |message| message["data"].values_at("event", "object") }).to eq([["create", row(copy)]])
      expect(copy.id).not_to eq(room.id)
    end

    it "by first_or_create, find_or_create_by and create_or_find_by is one" do
      expect(told { Room.where(name: "new").first_or_create!(house_id: 1) }).to eq([%w[house_1_rooms create]])
      expect(told { 2.times { Room.find_or_create_by!(name: "newer", house_id: 1) } }).to eq([%w[house_1_rooms create]])
      expect(told { 2.times { Voucher.create_or_find_by!(id: "v", name: "a") } }).to eq([%w[vouchers create]])
    end

    it "that its own before_save refuses is none" do
      declare("RefusedRoom", "rooms") { before_save { throw :abort } }
      expect(told { RefusedRoom.create(name: "no") }).to be_empty
      declare("BrokenRoom", "rooms") { before_save { raise "no" } }
      expect(told { expect { BrokenRoom.create(name: "no") }.to raise_error("no") }).to be_empty
    end

    it "that is refused leaves what the transaction wrote before" do
      declare("BrokenRoom", "rooms") { before_save { raise "no" } }
      expect_one_update(room) do
        Room.transaction do
          room.update!(name: "loft")
          begin
            BrokenRoom.create!(name: "no")
          rescue RuntimeError
            nil
          end
        end
      end
    end
  end

  describe "a destruction" do
    it "carries the key, once on each channel" do
      expect(told { room.destroy! }).to contain_exactly(%w[house_1_rooms destroy], ["room_#{room.id}", "destroy"])
      expect(Pushable.deliveries.map { |message| message["data"]["object"] }).to eq([{ "id" => room.id }] * 2)
      expect(row(room)).to be_nil
    end

    it "that before_destroy refuses is none" do
      declare("KeptRoom", "rooms") { before_destroy { throw :abort } }
      kept = KeptRoom.find(room.id)
      expect(told { expect(kept.destroy).to be(false) }).to be_empty
      expect(row(room)).not_to be_nil
    end

    it "of a new record is none" do
      expect(told { Room.new.destroy }).to be_empty
    end

    it "of a record destroyed before is none", rails: ">= 7.1" do
      room.destroy!
      expect(told { room.destroy }).to be_empty
    end

    it "of a row that another had deleted is none" do
      Room.where(id: room.id).delete_all
      expect(told { room.destroy }).to be_empty
    end

    it "by destroy_all and destroy_by is one for each" do
      other = Room.create!(house_id: 1)
      expect(told { Room.where(house_id: 1).destroy_all }.map(&:first))
        .to contain_exactly("house_1_rooms", "house_1_rooms", "room_#{room.id}", "room_#{other.id}")
      again = Room.create!(house_id: 2)
      expect(told { Room.destroy_by(house_id: 2) }).to include(["room_#{again.id}", "destroy"])
    end
  end

  describe "nothing" do
    stamps = { created_at: Time.now, updated_at: Time.now }
    {
      "update_column" => ->(room) { room.update_column(:name, "b") },
      "update_columns" => ->(room) { room.update_columns(name: "b", house_id: 2) },
      "update_all" => ->(room) { Room.where(id: room.id).update_all(name: "b") },
      "touch_all" => ->(room) { Room.where(id: room.id).touch_all },
      "insert" => ->(_) { Room.insert({ name: "b", **stamps }) },
      "insert_all!" => ->(_) { Room.insert_all!([{ name: "b", **stamps }]) },
      "upsert" => ->(room) { Room.upsert({ id: room.id, name: "b", **stamps }) },
      "upsert_all" => ->(room) { Room.upsert_all([{ id: room.id, name: "b", **stamps }]) },
      "increment_counter" => ->(room) { Room.increment_counter(:visits, room.id) },
      "update_counters" => ->(room) { Room.update_counters(room.id, visits: 3) },
      "increment! without touch" => ->(room) { room.increment!(:visits) },
      "delete" => lambda(&:delete),
      "delete_all" => ->(room) { Room.where(id: room.id).delete_all },
      "a no-op save!" => lambda(&:save!),
      "a no-op update! with the values it has" => ->(room) { room.update!(name: "attic", house_id: 1) },
      "no_touching" => ->(room) { Room.no_touching { room.touch } }
    }.each do |name, write|
      it "is told by #{name}, while a save after it is" do
        expect(told { write.call(room) }).to be_empty
        expect(told { Room.transaction { write.call(room) } }).to be_empty
        fresh = Room.find_by(id: room.id) || Room.create!(name: "again", house_id: 1)
        expect_one_update(fresh) { fresh.update!(name: "told") }
      end
    end

    it "is told by a write to a row that another had deleted" do
      other = Room.create!(house_id: 1)
      Room.delete_all
      expect(told do
        room.touch
        room.update(name: "b")
        Room.transaction { other.touch(:created_at) }
      end).to be_empty
    end

    it "is told of a record that was read, locked, or given a value it had" do
      expect(told do
        Room.transaction do
          room.lock!
          room.name = room.name.dup
          room.save!
          Room.find(room.id).reload
        end
      end).to be_empty
    end
  end

  it "a no-op save before and after a touch is the touch" do
    expect_one_update(room) do
      Room.transaction do
        room.save!
        room.touch
        room.save!
      end
    end
  end

  describe "optimistic locking" do
    let(:booking) { Booking.create!(name: "a") }

    it "carries the version that the row has" do
      expect_one_update(booking) { booking.update!(name: "b") }
      expect(Pushable.deliveries.last["data"]["changed"]).to include("lock_version")
      expect_one_update(booking) { Booking.transaction { %w[c d].each { |name| booking.update!(name:) } } }
      expect_one_update(booking) { booking.touch }
    end

    it "a stale save tells nothing, a stale destruction neither" do
      stale = Booking.find(booking.id)
      booking.update!(name: "b")
      expect(told { expect { stale.update!(name: "c") }.to raise_error(ActiveRecord::StaleObjectError) }).to be_empty
      expect(told { expect { stale.destroy! }.to raise_error(ActiveRecord::StaleObjectError) }).to be_empty
    end

    it "a retry after a stale save is one update" do
      stale = Booking.find(booking.id)
      booking.update!(name: "b")
      expect_one_update(booking) do
        Booking.transaction do
          stale.update!(name: "c")
        rescue ActiveRecord::StaleObjectError
          stale.reload
          retry
        end
      end
    end
  end

  describe "keys" do
    it "a String that the database or before_create made" do
      voucher = nil
      messages = pushes { voucher = Voucher.create!(name: "a") }
      expect(voucher.id).to match(/\A\h{8}-/)
      expect(messages.map { |message| [message["channel"], message["data"]["object"]] })
        .to eq([["/sync/vouchers", row(voucher)]])
      expect_one_update(voucher) { voucher.update!(name: "b") }
      expect(told { voucher.destroy! }).to contain_exactly(%w[vouchers destroy], ["voucher_#{voucher.id}", "destroy"])
    end

    it "two instances of a row with a key of two columns are one record", rails: ">= 7.1" do
      [4, 5].each { |number| Seat.create!(row: "A", number:) }
      messages = pushes do
        Seat.transaction do
          Seat.find(%w[A 4]).update!(taken: true)
          Seat.find(%w[A 5]).update!(taken: true)
          Seat.find(%w[A 4]).destroy!
        end
      end
      expect(messages.map { |message| message["data"].values_at("event", "object") }.uniq)
        .to contain_exactly(["destroy", { "row" => "A", "number" => 4 }],
                            ["update", { "row" => "A", "number" => 5, "taken" => true }])
      expect(Seat.exists?(row: "A", number: 4)).to be(false)
    end

    it "a changed key ends the old record and begins the new one" do
      voucher = Voucher.create!(id: "old", name: "a")
      messages = pushes { voucher.update!(id: "new") }
      heard = messages.map { |message| [message["channel"], *message["data"].values_at("event", "object")] }
      expect(heard).to include(["/sync/vouchers", "destroy", { "id" => "old" }],
                               ["/sync/voucher_old", "destroy", { "id" => "old" }],
                               ["/sync/vouchers", "create", row(voucher)])
    end

    it "a changed part of a key of two columns ends the old record and begins the new one", rails: ">= 7.1" do
      seat = Seat.create!(row: "A", number: 4)
      messages = pushes { seat.update!(number: 5) }
      heard = messages.map { |message| [message["channel"], *message["data"].values_at("event", "object")] }
      expect(heard).to include(["/sync/seats", "destroy", { "row" => "A", "number" => 4 }],
                               ["/sync/seat_A_4", "destroy", { "row" => "A", "number" => 4 }],
                               ["/sync/seats", "create", { "row" => "A", "number" => 5, "taken" => false }])
    end
  end

  describe "single-table inheritance" do
    let(:puppy) { Puppy.create!(name: "Rex") }

    it "lands in the collection of the class that declared, from every level" do
      [Animal, Dog, Puppy].each do |klass|
        animal = nil
        expect(told { animal = klass.create!(name: "a") }).to eq([%w[animals create]])
        expect_one_update(animal) { animal.update!(name: "b") }
        expect_one_update(animal) { Animal.find(animal.id).update!(name: "c") }
        expect(told { animal.destroy! }).to contain_exactly(%w[animals destroy], ["animal_#{animal.id}", "destroy"])
      end
    end

    it "one row as two of its classes is one record" do
      puppy
      expect_one_update(puppy) do
        Animal.transaction do
          puppy.update!(name: "Max")
          puppy.becomes(Animal).update!(name: "Moritz")
        end
      end
    end

    it "becomes another class by becomes!" do
      dog = puppy.becomes!(Dog)
      messages = pushes { dog.save! }
      expect(messages.map { |message| [message["channel"], message["data"]["event"]] })
        .to contain_exactly(["/sync/animals", "update"], ["/sync/animal_#{puppy.id}", "update"])
      expect(messages.map { |message| message["data"]["object"] }).to all(eq(row(dog)))
      expect(Animal.find(puppy.id)).to be_an_instance_of(Dog)
    end

    it "written as one class and destroyed as another is destroyed" do
      puppy
      expect(told do
        Animal.transaction do
          puppy.update!(name: "Max")
          puppy.becomes(Dog).destroy!
        end
      end).to contain_exactly(%w[animals destroy], ["animal_#{puppy.id}", "destroy"])
    end
  end
end
