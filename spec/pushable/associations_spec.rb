# frozen_string_literal: true

require "support/rows"

# One write that makes others: parents, children, and what callbacks save.
RSpec.describe "What a write makes others tell", :pushing, :rows do
  let(:house) { House.create!(name: "Hill") }
  let(:house_channels) { ["houses", "house_#{house.id}"] }

  before { house }

  # A House with has_many :rooms as given; the Rooms are the common ones.
  def house_with(**options, &body)
    declare("Home", "houses") do
      has_many :rooms, foreign_key: :house_id, **options
      class_eval(&body) if body
    end
    Home.find(house.id)
  end

  def rooms_of(house, count)
    Array.new(count) { |number| Room.create!(name: "no. #{number}", house_id: house.id) }
  end

  # What the block told of a record: each event of each of its channels once.
  def destroyed(*rooms)
    rooms.flat_map { |room| [["house_#{room.house_id}_rooms", "destroy"], ["room_#{room.id}", "destroy"]] }
  end

  describe "belongs_to touch: true" do
    before { declare("TouchingRoom", "rooms") { belongs_to :house, touch: true } }

    it "tells of the parent once, for three children that are made, changed and destroyed" do
      rooms = Array.new(3) { TouchingRoom.create!(house:) }
      parent = nil
      messages = pushes do
        before = house.reload.updated_at
        TouchingRoom.transaction do
          rooms[0].update!(name: "a")
          rooms[1].destroy!
          TouchingRoom.create!(house:)
        end
        parent = row(house)
        expect(house.reload.updated_at).to be > before
      end
      heard = messages.select { |message| house_channels.include?(message["channel"].delete_prefix("/sync/")) }
      expect(heard.map { |message| message["data"].values_at("event", "object", "changed") })
        .to eq([["update", parent, ["updated_at"]]] * 2)
    end

    it "of another column names that column" do
      declare("OpeningRoom", "rooms") { belongs_to :house, touch: :opened_at }
      messages = pushes { House.transaction { 2.times { OpeningRoom.create!(house:) } } }
      heard = messages.select { |message| house_channels.include?(message["channel"].delete_prefix("/sync/")) }
      expect(heard.map { |message| message["data"].values_at("event", "object", "changed") })
        .to eq([["update", row(house), %w[updated_at opened_at]]] * 2)
    end

    it "tells of both parents of a child that moves" do
      other = House.create!(name: "Dale")
      room = TouchingRoom.create!(house:)
      expect(told { room.update!(house: other) })
        .to include(["house_#{house.id}", "update", ["updated_at"]], ["house_#{other.id}", "update", ["updated_at"]])
    end

    it "is part of the one update of a parent that is saved as well" do
      expect_update_of_house = lambda do |&block|
        messages = pushes(&block).select { |message| message["channel"] == "/sync/house_#{house.id}" }
        expect(messages.map { |message| message["data"].values_at("event", "object") }).to eq([["update", row(house)]])
        expect(messages[0]["data"]["changed"]).to contain_exactly("name", "updated_at")
      end
      expect_update_of_house.call do
        House.transaction do
          TouchingRoom.create!(house:)
          house.update!(name: "Hall")
        end
      end
      expect_update_of_house.call do
        House.transaction do
          house.update!(name: "Hull")
          TouchingRoom.create!(house: House.find(house.id))
        end
      end
    end

    it "tells nothing of a parent that is destroyed with its children but its destruction" do
      room = TouchingRoom.create!(house:)
      heard = told do
        House.transaction do
          room.destroy!
          house.destroy!
        end
      end
      expect(heard).to contain_exactly(%w[touching_rooms destroy], ["touching_room_#{room.id}", "destroy"],
                                       *house_channels.product(["destroy"]))
    end

    it "tells nothing of a transaction that is rolled back" do
      expect(told do
        House.transaction do
          TouchingRoom.create!(house:)
          raise ActiveRecord::Rollback
        end
      end).to be_empty
    end
  end

  describe "a counter cache" do
    it "tells nothing of the parent" do
      declare("CountedRoom", "rooms") { belongs_to :house, counter_cache: :rooms_count }
      expect(told { CountedRoom.create!(house:) }.map(&:first)).to eq(["counted_rooms"])
      expect(row(house)).to include("rooms_count" => 1)
      expect(told { CountedRoom.last.destroy! }.map(&:first) & house_channels).to be_empty
    end

    it "tells of the parent when it touches it" do
      declare("CountedRoom", "rooms") { belongs_to :house, counter_cache: :rooms_count, touch: true }
      messages = pushes { CountedRoom.create!(house:) }
      heard = messages.select { |message| house_channels.include?(message["channel"].delete_prefix("/sync/")) }
      expect(heard.map { |message| message["data"].values_at("event", "object") }).to eq([["update", row(house)]] * 2)
      expect(heard.map { |message| message["data"]["changed"] }).to all(include("rooms_count", "updated_at"))
      expect(row(house)).to include("rooms_count" => 1)
    end
  end

  describe "dependent:" do
    it ":destroy tells of every child" do
      home = house_with(dependent: :destroy)
      rooms = rooms_of(house, 3)
      expect(told { home.destroy! })
        .to match_array(destroyed(*rooms) + [%w[homes destroy], ["home_#{home.id}", "destroy"]])
      expect(Room.where(house_id: house.id)).to be_empty
    end

    %i[delete_all nullify].each do |dependent|
      it ":#{dependent}, which runs no callbacks, tells of the parent alone" do
        home = house_with(dependent:)
        rooms_of(house, 2)
        expect(told { home.destroy! }).to contain_exactly(%w[homes destroy], ["home_#{home.id}", "destroy"])
        expect(Room.where(house_id: house.id)).to be_empty
      end
    end

    it ":restrict_with_error tells nothing" do
      home = house_with(dependent: :restrict_with_error)
      rooms_of(house, 1)
      expect(told { expect(home.destroy).to be(false) }).to be_empty
    end
  end

  describe "a has_many that is given other records" do
    it "with dependent: :destroy tells of what left and of what came" do
      home = house_with(dependent: :destroy)
      left, stayed = rooms_of(house, 2)
      came = Room.create!(name: "came", house_id: 77)
      expect(told { home.rooms = [stayed, came] })
        .to match_array(destroyed(left) + [%w[house_77_rooms destroy], ["house_#{house.id}_rooms", "create",
                                                                        %w[house_id updated_at]],
                                           ["room_#{came.id}", "update", %w[house_id updated_at]]])
      expect(home.reload.rooms).to contain_exactly(stayed, came)
    end

    it "with dependent: :nullify tells of what came; what left was written past the callbacks" do
      home = house_with(dependent: :nullify)
      left, = rooms_of(house, 1)
      new = Room.new(name: "new")
      expect(told { home.rooms = [new] }).to eq([["house_#{house.id}_rooms", "create"]])
      expect(left.reload.house_id).to be_nil
      expect(Pushable.deliveries.last["data"]["object"]).to eq(row(new))
    end

    it "by << and build tells of each new child once, with its parent's key" do
      home = house_with
      expect(told do
        home.rooms << Room.new(name: "a")
        home.rooms.build(name: "b")
        home.save!
      end).to eq([["house_#{house.id}_rooms", "create"]] * 2)
      expect(Pushable.deliveries.map { |message| message["data"]["object"] })
        .to eq(Room.where(house_id: house.id).order(:id).map { |room| row(room) })
    end
  end

  describe "nested attributes" do
    it "tell of the parent, the new, the changed and the destroyed child, once each" do
      home = house_with { accepts_nested_attributes_for :rooms, allow_destroy: true }
      changed, gone, same = rooms_of(house, 3)
      heard = told do
        home.update!(name: "Hall", rooms_attributes: [{ name: "new" }, { id: changed.id, name: "changed" },
                                                      { id: gone.id, _destroy: true }, { id: same.id }])
      end
      collection = "house_#{house.id}_rooms"
      expect(heard).to match_array(
        [["homes", "update", %w[name updated_at]], ["home_#{home.id}", "update", %w[name updated_at]],
         [collection, "create"], [collection, "update", %w[name updated_at]],
         ["room_#{changed.id}", "update", %w[name updated_at]]] + destroyed(gone)
      )
      Pushable.deliveries.reject { |message| message["data"]["event"] == "destroy" }.each do |message|
        object = message["data"]["object"]
        expect(object).to eq(row(message["channel"].include?("home") ? home : Room.find(object["id"])))
      end
    end

    it "of a parent and children that are all new tell of each once" do
      house_with { accepts_nested_attributes_for :rooms }
      home = nil
      heard = told { home = Home.create!(name: "new", rooms_attributes: [{ name: "a" }, { name: "b" }]) }
      expect(heard).to contain_exactly(%w[homes create], *([["house_#{home.id}_rooms", "create"]] * 2))
    end

    it "tell nothing when a child is invalid" do
      stub_const("ValidRoom", Class.new(Room) do
        self.table_name = "rooms"
        validates :name, presence: true
      end)
      home = house_with(class_name: "ValidRoom") { accepts_nested_attributes_for :rooms }
      expect(told { expect(home.update(name: "b", rooms_attributes: [{ name: "" }])).to be(false) }).to be_empty
    end
  end

  describe "a callback" do
    it "after_save that saves another record makes one event of each, in the order of the writes" do
      declare("BusyRoom", "rooms") { after_save { House.find(house_id).update!(name: "of #{name}") } }
      heard = told { BusyRoom.create!(name: "a", house_id: house.id) }
      expect(heard).to eq([%w[busy_rooms create], ["houses", "update", %w[name updated_at]],
                           ["house_#{house.id}", "update", %w[name updated_at]]])
      expect(Pushable.deliveries.last["data"]["object"]).to eq(row(house))
    end

    it "after_update that saves its own record again makes one event" do
      declare("CountingRoom", "rooms") { after_update { update!(visits: visits + 1) if visits < 3 } }
      room = CountingRoom.create!(name: "a")
      expect_one_update(room) { room.update!(name: "b") }
      expect(row(room)).to include("visits" => 3)
    end

    it "after_save that writes past the callbacks is not seen, and does no harm" do
      declare("QuietRoom", "rooms") { after_save { update_column(:visits, 7) } }
      room = QuietRoom.create!(name: "a", visits: 1)
      heard = pushes { room.update!(name: "b") }
      expect(heard.map { |message| message["data"].values_at("event", "changed") })
        .to all(eq(["update", %w[name updated_at]]))
    end

    it "before_commit that saves another record, or the same one, belongs to the transaction" do
      id = house.id
      declare("LateRoom", "rooms") do
        before_commit do
          House.find(id).update!(name: "late")
          update!(visits: 5) unless visits == 5
        end
      end
      room = nil
      heard = told { room = LateRoom.create!(name: "a") }
      expect(heard).to eq([%w[late_rooms create], ["houses", "update", %w[name updated_at]],
                           ["house_#{id}", "update", %w[name updated_at]]])
      expect(Pushable.deliveries.first["data"]["object"]).to eq(row(room)).and include("visits" => 5)
    end

    it "before_commit that raises takes everything along" do
      declare("LateRoom", "rooms") { before_commit { raise "not now" } }
      expect(told do
        expect { House.transaction { [house.update!(name: "b"), LateRoom.create!] } }.to raise_error("not now")
      end).to be_empty
      expect(house.reload.name).to eq("Hill")
    end

    it "after_rollback that saves tells of its own save alone" do
      declare("UndoneRoom", "rooms") { after_rollback { Voucher.create!(id: "sorry") } }
      expect(told do
        UndoneRoom.transaction do
          UndoneRoom.create!(name: "a")
          raise ActiveRecord::Rollback
        end
      end).to eq([%w[vouchers create]])
    end

    it "after_commit that raises stops neither the events of later records nor our flush of the next transaction" do
      declare("LoudRoom", "rooms") { after_commit { raise "the app's own" } }
      heard = told do
        expect do
          House.transaction do
            LoudRoom.create!(name: "a")
            house.update!(name: "b")
          end
        end.to raise_error("the app's own")
      end
      expect(heard.map(&:first)).to eq(["loud_rooms", *house_channels])
      expect_one_update(house) { house.update!(name: "c") }
    end

    it "after_commit of each record still runs when ours cannot tell" do
      ran = []
      declare("MuteRoom", "rooms") do
        define_method(:collection_channel) { raise "no channel" }
        after_commit { ran << name }
      end
      told { MuteRoom.transaction { %w[a b].each { |name| MuteRoom.create!(name:) } } }
      expect(ran).to match_array(%w[a b])
      expect(log.lines.grep(/no channel/).size).to eq(2)
    end

    it "after_touch that saves another record is told of in the same transaction" do
      id = house.id
      declare("TouchyRoom", "rooms") { after_touch { House.find(id).update!(name: "touched") } }
      room = TouchyRoom.create!(name: "a")
      expect(told { room.touch }.map(&:first)).to eq(["touchy_rooms", "touchy_room_#{room.id}", *house_channels])
    end
  end
end
