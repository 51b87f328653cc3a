# frozen_string_literal: true

require "support/torture"
require "support/rows"

# Every way of a change through the extension once more, for bin/test torture: what is pushed when in detail is told by
# spec/pushable.
RSpec.describe "Saving, tortured", :pushing, :rows, databases: [:sqlite] do
  # Strings of their own, longer than what Ruby keeps inside an object.
  def text(word) = "#{word} " * 50

  def channels = Pushable.deliveries.map { |message| message["channel"].delete_prefix("/sync/") }

  it "create, update, touch and destroy tell of the row" do
    member = Member.create!(name: text("Ann"), family_id: 1)
    expect(Pushable.deliveries.last["data"]).to include("event" => "create", "object" => row(member))
    expect_one_update(member) { member.update!(name: text("Bea"), age: 7) }
    expect_one_update(member) { member.touch }
    expect(events { member.destroy! })
      .to contain_exactly(%w[family_1_members destroy], ["member_#{member.id}", "destroy"])
  end

  it "a transaction of many records, instances and savepoints tells of each row once" do
    members = Array.new(5) { |i| Member.create!(name: text(i), family_id: i) }
    heard = pushes do
      Member.transaction do
        members.each do |member|
          member.update!(name: text("first"))
          Member.find(member.id).update!(age: 1, name: text("second"))
        end
        Member.transaction(requires_new: true) do
          members.each { |member| member.update!(age: 99) }
          raise ActiveRecord::Rollback
        end
        members.last.destroy!
      end
    end
    updated = heard.map { |message| message["data"] }.select { |data| data["event"] == "update" }
    expect(updated.map { |data| data["object"] }.uniq).to match_array(members[0..3].map { |member| row(member) })
    expect(heard.size).to eq(10)
  end

  it "a rollback tells of nothing" do
    member = Member.create!(name: text("Ann"), family_id: 1)
    expect(events do
      Member.transaction do
        member.update!(family_id: 2, name: text("Bea"))
        Member.create!(name: text("Cid"))
        raise ActiveRecord::Rollback
      end
    end).to be_empty
  end

  it "a move is told to where the record was and to where it is, also of an instance that does not know" do
    member = Member.create!(name: text("Ann"), family_id: 1)
    stale = Member.find(member.id)
    expect(events { member.update!(family_id: 2) })
      .to contain_exactly(%w[family_1_members destroy], %w[family_2_members create], ["member_#{member.id}", "update"])
    pushes { stale.update!(name: text("Bea")) }
    expect(channels).to include("family_2_members")
    expect(Pushable.deliveries.map { |message| message["data"]["object"]["family_id"] }.compact.uniq).to eq([2])
  end

  it "every kind of rule, shape and condition" do
    serializer = Struct.new(:rule) { def as_json(*) = { "id" => rule.id, "n" => rule.name * 2 } }
    declare("Rules", "members") do
      belongs_to :family, optional: true
      push update: "all"
      push update: "family_%{family_id}_%{name}", only: %i[name]
      push update: ->(each) { ["called_#{each.age}", [:symbol, nil]] }, if: :age?, unless: -> { name.empty? }
      push update: :family, methods: %i[shout], include: { family: { only: :name } }
      push update: "reloaded", reload: true, except: %i[age]
      push update: "served", serializer: serializer

      def shout = name.upcase
      def self.name = "Rules"
    end
    family = Family.create!(name: text("Smith"))
    record = Rules.create!(name: "Ann", age: 3, family_id: family.id)
    messages = pushes { record.update!(name: text("Bea"), age: 4) }
    heard = messages.to_h { |message| [message["channel"], message["data"]["object"]] }
    expect(heard.keys.map { |channel| channel.delete_prefix("/sync/") })
      .to contain_exactly("all", /\Afamily_#{family.id}_Bea/, "called_4", "symbol", "family_#{family.id}_rules",
                          "reloaded", "served", "rules", "rules_#{record.id}")
    expect(heard["/sync/served"]).to eq("id" => record.id, "n" => record.name * 2)
    expect(heard["/sync/reloaded"]).to eq(row(record).except("age"))
    expect(heard.values.filter_map { |object| object["shout"] }).to eq([record.name.upcase])
  end

  it "an update that carries its changes alone" do
    declare("Changes", "members") { push update: "small", changes_only: true }
    record = Changes.create!(name: text("Ann"), age: 3)
    heard = pushes { record.update!(name: text("Bea"), age: 4) }.find { |each| each["channel"] == "/sync/small" }
    expect(heard["data"]["object"].keys).to contain_exactly("id", "name", "age", "updated_at")
  end

  it "a key of several columns", rails: ">= 7.1" do
    seat = Seat.create!(row: text("A"), number: 1)
    pushes { seat.update!(taken: true) }
    expect(Pushable.deliveries.last["data"]["object"]).to include("row" => text("A"), "number" => 1, "taken" => true)
  end

  it "a key that changes, a row that takes another's place, an optimistic lock" do
    code = Code.create!(code: text("x"), label: text("y"))
    code.update!(code: text("z"))
    Code.transaction { code.destroy! && Code.create!(code: text("z"), label: text("again")) }
    expect(Pushable.deliveries.last["data"]["object"]["label"]).to eq(text("again"))
    document = Document.create!(title: text("a"))
    stale = Document.find(document.id)
    document.update!(title: text("b"))
    expect { stale.update!(title: text("c")) }.to raise_error(ActiveRecord::StaleObjectError)
    document.increment!(:lock_version, touch: true)
  end

  it "columns that the database fills, secrets and inheritance" do
    Parcel.create!(label: text("a")).update!(label: text("b"))
    account = Account.create!(email: text("e"), password_digest: text("d"))
    expect(Pushable.deliveries.last["data"]["object"].keys).not_to include("password_digest", "key", "ssn")
    account.update!(ssn: text("s"))
    expect(events { Puppy.create!(name: text("Rex")) }).to eq([%w[animals create]])
  end

  it "by hand: publish, push_now, push_all, resync, and what is muted" do
    member = Member.create!(name: text("Ann"), family_id: 1)
    expect(Pushable.publish("by hand", { text: text("a"), member: }, event: "create")).to be(true)
    expect(Pushable.deliveries.last["data"]["object"]["member"]).to eq(row(member))
    expect(events { member.push_now(:update) }).to include(["member_#{member.id}", "update"])
    expect(events { Member.all.push_all(:update) }).to include(["member_#{member.id}", "update"])
    expect(events { [member, Member, "all"].each { |target| Pushable.resync(target) } }).to include(%w[$all resync])
    expect(events { Pushable.mute { member.update!(name: text("Bea")) } }).to be_empty
    expect { Pushable.publish("a", 1, event: "none") }.to raise_error(ArgumentError)
  end

  it "what is too large goes out as partial" do
    Pushable.configure { |config| config.max_message_bytes = 4096 }
    notice = Notice.create!(text: "a", target: "all")
    expect(pushes { notice.update!(text: "x" * 5000) }.map { |message| message["data"]["partial"] }).to eq([true, true])
  end

  it "a long transaction, with a collector that moves what it keeps" do
    member = Member.create!(name: text("Ann"), family_id: 1)
    others = Array.new(50) { |i| Member.create!(name: text(i), family_id: 1) }
    heard = pushes do
      Member.transaction do
        member.update!(family_id: 2, name: text("Bea"))
        others.each { |other| other.update!(age: 1) }
        GC.start
        GC.compact
        Array.new(10_000) { "x" * 50 }
      end
    end
    expect(heard.count { |message| message["data"]["event"] == "update" }).to eq(101)
    expect(heard.filter_map { |message| message["data"]["object"]["name"] }.uniq)
      .to match_array([member, *others].map(&:name))
  end
end
