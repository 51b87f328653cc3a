# frozen_string_literal: true

require "support/pushing"

# What one write pushes, and how it looks on the wire. Several writes in a transaction: transactions_spec.rb; records
# that change channels: membership_spec.rb.
RSpec.describe "Pushing a change", :pushing do
  let(:member) { Member.create!(name: "Ann", age: 30, family_id: 1) }

  before { member }

  def json(record)
    JSON.parse(JSON.generate(record.as_json))
  end

  describe "on the wire" do
    it "is a Bayeux message with the record as_json" do
      created = nil
      message = pushes { created = Member.create!(name: "Bea", age: 3, family_id: 7) }.first
      expect(message.keys).to contain_exactly("channel", "id", "data")
      expect(message["channel"]).to eq("/sync/family_7_members")
      expect(message["data"]).to eq("id" => message["id"], "event" => "create", "object" => json(created),
                                    "at" => message["data"]["at"])
      expect(message["data"]["object"]).to include("id" => created.id, "name" => "Bea", "age" => 3, "family_id" => 7)
    end

    it "names what an update changed, on every channel, under an id each" do
      messages = pushes { member.update!(name: "Bea") }
      expect(messages.map { |message| message["channel"] })
        .to contain_exactly("/sync/family_1_members", "/sync/member_#{member.id}")
      expect(messages.map { |message| message["id"] }.uniq.size).to eq(2)
      messages.each do |message|
        data = message["data"]
        expect(data["id"]).to eq(message["id"])
        expect(data["event"]).to eq("update")
        expect(data["changed"]).to contain_exactly("name", "updated_at")
        expect(data["object"]).to eq(json(member))
        expect(data.keys).to contain_exactly("id", "event", "object", "changed", "at")
      end
    end

    it "carries the key alone of a destroyed record" do
      messages = pushes { member.destroy! }
      expect(messages.size).to eq(2)
      messages.each do |message|
        expect(message["data"]).to include("event" => "destroy", "object" => { "id" => member.id })
        expect(message["data"].keys).to contain_exactly("id", "event", "object", "at")
      end
    end

    it "is stamped in microseconds of the clock, strictly rising" do
      before = (Time.now.to_r * 1_000_000).floor
      messages = pushes { 200.times { |age| member.update!(age:) } }
      stamps = messages.map { |message| message["data"]["at"] }.uniq
      expect(stamps.size).to eq(200)
      expect(stamps).to eq(stamps.sort)
      expect(stamps.first).to be >= before
      expect(stamps.last).to be_between(before, (Time.now.to_r * 1_000_000).ceil + 1000)
    end

    it "is stamped inside the transaction, at the last write, not at the commit" do
      latest = nil
      messages = pushes do
        Member.transaction do
          member.update!(age: 31)
          Member.create!(name: "later")
          latest = (Time.now.to_r * 1_000_000).ceil
          sleep 0.02
        end
      end
      expect(messages.map { |message| message["data"]["at"] }).to all(be <= latest)
    end
  end

  describe "a write" do
    it "of a touch is an update of the time stamps" do
      messages = pushes { member.touch }
      expect(messages.map { |message| message["data"]["event"] }).to eq(%w[update update])
      expect(messages.map { |message| message["data"]["changed"] }).to all(eq(["updated_at"]))
      expect(messages.first["data"]["object"]).to eq(json(member.reload))
    end

    it "of a touch after an earlier save names the time stamp alone" do
      member.update!(name: "Bea")
      messages = pushes { member.touch }
      expect(messages.map { |message| message["data"]["changed"] }).to all(eq(["updated_at"]))
    end

    it "of a save that changed nothing is no news" do
      expect(pushes { member.save! }).to be_empty
      expect(pushes { Member.find(member.id).update!(name: "Ann") }).to be_empty
    end

    it "past the callbacks is no news" do
      messages = pushes do
        member.update_columns(name: "Bea")
        Member.where(id: member.id).update_all(age: 99)
        Member.insert_all([{ name: "Cid", created_at: Time.now, updated_at: Time.now }])
        member.delete
      end
      expect(messages).to be_empty
    end

    it "to a row that is gone is no news" do
      Member.where(id: member.id).delete_all
      expect(pushes { member.update(name: "Bea") }).to be_empty
    end

    it "that fails its validation is no news" do
      allow(member).to receive(:valid?).and_return(false)
      expect(pushes { member.update(name: "Bea") }).to be_empty
    end

    it "of a counter that is raised with a touch carries the row, all of it as news: which counter is not known" do
      messages = pushes { member.increment!(:age, touch: true) }
      expect(messages.map { |message| message["data"]["changed"] }).to all(match_array(Member.column_names))
      expect(messages.map { |message| message["data"]["object"] }).to all(eq(json(member.reload)))
    end

    it "knows nothing of values that were assigned and not saved" do
      stub_const("Restless", Class.new(Member) { after_save { |record| record.name = "unsaved" } })
      restless = Restless.find(member.id)
      messages = pushes { restless.update!(age: 66) }
      expect(restless.name).to eq("unsaved")
      expect(messages.map { |message| message["data"]["object"]["name"] }).to eq(%w[Ann Ann])
      expect(messages.map { |message| message["data"]["changed"] }).to all(contain_exactly("age", "updated_at"))
    end

    it "is not changed by what happens in place to a value before the commit" do
      messages = pushes do
        Member.transaction do
          member.update!(name: +"Bea")
          member.name << " and more"
          member.family_id = 9
        end
      end
      expect(messages.map { |message| message["channel"] })
        .to contain_exactly("/sync/family_1_members", "/sync/member_#{member.id}")
      expect(messages.map { |message| message["data"]["object"]["name"] }).to eq(%w[Bea Bea])
      expect(messages.map { |message| message["data"]["object"]["family_id"] }).to eq([1, 1])
    end

    it "of a record that was loaded in part pushes what was loaded" do
      part = Animal.select(:id, :name).find(Animal.create!(name: "Rex").id)
      messages = pushes { part.update!(name: "Max") }
      expect(messages.map { |message| message["data"]["object"] }).to all(eq("id" => part.id, "name" => "Max"))
      expect(log).to be_empty
    end

    it "of a record with columns of the query's own pushes them as as_json does" do
      odd = Member.select("members.*", "age * 2 AS doubled").find(member.id)
      messages = pushes { odd.update!(name: "Bea") }
      expect(messages.first["data"]["object"]).to eq(json(odd)).and include("doubled" => 60)
    end
  end

  describe "keys" do
    it "may be Strings" do
      code = nil
      expect(events { code = Code.create!(code: "x-1", label: "a") }).to eq([%w[codes create]])
      expect(events { code.update!(label: "b") }).to contain_exactly(%w[codes update], %w[code_x-1 update])
      messages = pushes { code.destroy! }
      expect(messages.map { |message| message["data"]["object"] }).to eq([{ "code" => "x-1" }] * 2)
    end

    it "may be of several columns", rails: ">= 7.1" do
      seat = nil
      expect(events { seat = Seat.create!(row: "A", number: 4) }).to eq([%w[seats create]])
      expect(Pushable.deliveries.last["data"]["object"]).to eq("row" => "A", "number" => 4, "taken" => false)
      expect(events { seat.update!(taken: true) }).to contain_exactly(%w[seats update], %w[seat_A_4 update])
      messages = pushes { seat.destroy! }
      expect(messages.map { |message| message["data"]["object"] }).to eq([{ "row" => "A", "number" => 4 }] * 2)
    end
  end

  describe "what the database fills" do
    # SQLite gives the key back to a Rails from 7.1 on.
    it "is the key: known when the creation is told", databases: %i[postgresql mariadb] do
      parcel = nil
      object = pushes { parcel = Parcel.create!(label: "a") }.first["data"]["object"]
      expect(object["id"]).to match(/\A\h{8}(-\h{4}){3}-\h{12}\z/)
      expect(object["id"]).to eq(Parcel.ids.first)
      expect(events { parcel.update!(label: "b") }).to include(["parcel_#{parcel.id}", "update"])
      expect(pushes { parcel.destroy! }.map { |message| message["data"]["object"] }).to eq([{ "id" => parcel.id }] * 2)
    end

    it "are columns: a creation carries what the instance knows, whoever loaded the row carries all" do
      parcel = nil
      expect(pushes { parcel = Parcel.create!(id: "00000000-0000-0000-0000-000000000001", label: "a") }
        .first["data"]["object"]).to eq(json(parcel))
      messages = pushes { Parcel.find(parcel.id).update!(label: "b") }
      expect(messages.map { |message| message["data"]["object"] })
        .to all(include("label" => "b", "code" => "P-a", "posted_at" => /\A\d{4}-/))
      expect(messages.map { |message| message["data"]["changed"] }).to all(eq(["label"]))
    end
  end

  it "carries lock_version where the table has one" do
    document = Document.create!(title: "a")
    messages = pushes { document.update!(title: "b") }
    expect(messages.map { |message| message["data"]["object"]["lock_version"] }).to eq([1, 1])
    expect(messages.first["data"]["changed"]).to contain_exactly("title", "lock_version")
    stale = Document.find(document.id)
    document.update!(title: "c")
    expect(pushes { expect { stale.update!(title: "d") }.to raise_error(ActiveRecord::StaleObjectError) }).to be_empty
  end

  describe "what stays out" do
    let(:account) { Account.create!(email: "a@example.org", password_digest: "digest", ssn: "078-05-1120") }

    it "are digests, tokens and encrypted columns" do
      object = pushes { account }.first["data"]["object"]
      expect(object).to eq("id" => account.id, "email" => "a@example.org")
    end

    it "are their names among the changed ones, too" do
      account
      messages = pushes { account.update!(email: "b@example.org", password_digest: "other", ssn: "1") }
      expect(messages.map { |message| message["data"]["changed"] }).to all(eq(["email"]))
      expect(messages.map { |message| message["data"]["object"].keys }).to all(contain_exactly("id", "email"))
    end

    it "stays out as well when the class says itself what its JSON is" do
      account
      stub_const("OwnAccount", Class.new(ActiveRecord::Base) do
        self.table_name = "accounts"
        push update: :instances
        def as_json(*) = super.merge("shout" => email.upcase)
      end)
      object = pushes { OwnAccount.find(account.id).update!(email: "c@example.org") }.first["data"]["object"]
      expect(object).to include("email" => "c@example.org", "shout" => "C@EXAMPLE.ORG")
      expect(object.keys).not_to include("password_digest")
    end

    it "stays out of a Hash of Symbols, and the class's own Hash is left alone" do
      own = { id: 1, password_digest: "x" }.freeze
      stub_const("KeptAccount", Class.new(ActiveRecord::Base) do
        self.table_name = "accounts"
        define_method(:as_json) { |*| own }
      end)
      expect(JSON.parse(Pushable.encode(KeptAccount.find(account.id)))).to eq("id" => 1)
      expect(own).to eq(id: 1, password_digest: "x")
    end
  end

  describe "a class's own words" do
    def declare(&body)
      stub_const("Thing", Class.new(ActiveRecord::Base) do
        self.table_name = "members"
        push
        class_eval(&body)
      end)
    end

    it "an overridden reader is honoured" do
      declare { def name = super&.upcase }
      thing = nil
      expect(pushes { thing = Thing.create!(name: "ann") }.first["data"]["object"]).to eq(json(thing))
        .and include("name" => "ANN")
    end

    it "an overridden reader sees what was saved, not what was assigned since" do
      declare { def name = super&.upcase }
      thing = Thing.create!(name: "ann")
      messages = pushes do
        Thing.transaction do
          thing.update!(name: "bea")
          thing.name = "unsaved"
        end
      end
      expect(messages.map { |message| message["data"]["object"]["name"] }).to eq(%w[BEA BEA])
      expect(thing.name).to eq("UNSAVED")
    end

    it "an overridden as_json or serializable_hash is honoured" do
      declare { def as_json(*) = { "id" => id, "label" => "<#{name}>" } }
      expect(pushes { Thing.create!(name: "ann") }.first["data"]["object"]).to include("label" => "<ann>")
      declare { def serializable_hash(*) = super.merge("label" => name) }
      expect(pushes { Thing.create!(name: "ann") }.first["data"]["object"]).to include("label" => "ann", "age" => nil)
    end

    it "a singleton's reader is honoured" do
      declare { nil }
      thing = Thing.new(name: "ann")
      def thing.name = "single"
      expect(pushes { thing.save! }.first["data"]["object"]["name"]).to eq("single")
    end

    it "the root around an object is honoured, for a destruction too" do
      declare { self.include_root_in_json = true }
      thing = nil
      expect(pushes { thing = Thing.create!(name: "ann") }.first["data"]["object"]).to eq(json(thing))
        .and include("thing" => include("name" => "ann"))
      expect(pushes { thing.destroy! }.first["data"]["object"]).to eq("thing" => { "id" => thing.id })
      declare { self.include_root_in_json = "it" }
      expect(pushes { Thing.create!(name: "ann") }.first["data"]["object"].keys).to eq(["it"])
    end

    it "the type of a table with subclasses stays out, as in as_json" do
      puppy = nil
      expect(pushes { puppy = Puppy.create!(name: "Rex") }.first["data"]["object"]).to eq(json(puppy))
      expect(Pushable.deliveries.last["data"]["object"]).to eq("id" => puppy.id, "name" => "Rex")
    end
  end
end
