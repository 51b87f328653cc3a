# frozen_string_literal: true

require "alba"
require "support/pushing"

# What of a record goes into the object, and which keys an update calls news.
RSpec.describe "What push carries", :pushing do
  def declare(name = "Thing", table: "members", &body)
    stub_const(name, Class.new(ActiveRecord::Base)).tap do |klass|
      klass.table_name = table
      klass.class_eval(&body)
    end
  end

  def data(&) = pushes(&).last.fetch("data")
  def object(&) = data(&).fetch("object")

  describe "only" do
    it "carries these columns and the key" do
      declare { push only: %i[name] }
      thing = nil
      expect(object { thing = Thing.create!(name: "a", age: 3) }).to eq("id" => Thing.last.id, "name" => "a")
      expect(data { thing.update!(name: "b", age: 4) })
        .to include("object" => { "id" => thing.id, "name" => "b" }, "changed" => ["name"])
    end

    it "may name secret columns" do
      declare(table: "accounts") { push only: %i[email password_digest] }
      expect(object { Thing.create!(email: "e", password_digest: "d") })
        .to eq("id" => Thing.last.id, "email" => "e", "password_digest" => "d")
    end

    it "carries what was saved, not what was assigned since or changed in place" do
      declare { push only: %i[name], update: :collections }
      thing = Thing.create!(name: +"a")
      sent = object do
        Thing.transaction do
          thing.update!(name: +"b")
          thing.name << "unsaved"
        end
      end
      expect(sent["name"]).to eq("b")
    end
  end

  it "except carries the others" do
    declare { push except: %i[age created_at updated_at] }
    expect(object { Thing.create!(name: "a", age: 3) }).to eq("id" => Thing.last.id, "name" => "a", "family_id" => nil)
    expect(data { Thing.last.update!(age: 4, name: "b") }["changed"]).to eq(["name"])
  end

  it "except does not take the key away" do
    declare { push except: %i[id] }
    expect(object { Thing.create! }).to include("id" => Thing.last.id)
  end

  describe "methods" do
    before do
      declare do
        push methods: %i[shout], only: %i[name]
        def shout = "#{name} #{age}".upcase
      end
    end

    it "are asked, and always news" do
      thing = nil
      expect(object { thing = Thing.create!(name: "a", age: 1) })
        .to eq("id" => Thing.last.id, "name" => "a", "shout" => "A 1")
      expect(data { thing.update!(name: "b") }).to include("changed" => %w[name shout],
                                                           "object" => include("shout" => "B 1"))
    end

    it "are asked of the row, not of an instance that another one has overtaken" do
      thing = Thing.create!(name: "a", age: 1)
      Thing.find(thing.id).update!(name: "b")
      expect(data { thing.update!(age: 2) }).to include("object" => include("shout" => "B 2"))
    end
  end

  describe "include" do
    it "carries associations, less what is secret" do
      declare("Holder", table: "accounts") { has_many :things, foreign_key: :family_id }
      declare do
        belongs_to :holder, foreign_key: :family_id
        push include: :holder, only: %i[id]
      end
      holder = Holder.create!(email: "e", password_digest: "d", key: "k", ssn: "s")
      thing = nil
      sent = object { thing = Thing.create!(holder:) }
      expect(sent["holder"].keys).to contain_exactly("id", "email", "key", "ssn")
      expect(data { thing.touch }["changed"]).to eq(["holder"])
    end

    it "leaves out what the associated class encrypts or has as a token, at every depth" do
      declare("Note", table: "members") { belongs_to :account, foreign_key: :family_id }
      declare do
        belongs_to :note, foreign_key: :family_id
        push include: { note: { only: %i[name], include: { account: { except: :email } } } }
      end
      account = Account.create!(email: "e", password_digest: "d", ssn: "s")
      thing = object { Thing.create!(note: Note.create!(name: "n", account:)) }
      expect(thing["note"]).to eq("name" => "n", "account" => { "id" => account.id })
    end

    it "of any class has to say what goes along" do
      expect { declare(table: "tags") { belongs_to(:owner, polymorphic: true) && push(include: :owner) } }
        .to raise_error(ArgumentError, /Thing: push: include: :owner.*only/)
      declare(table: "tags") do
        belongs_to :owner, polymorphic: true
        push include: { owner: { only: %i[name] } }
      end
      expect(object { Thing.create!(owner: Family.create!(name: "Smith")) }["owner"]).to eq("name" => "Smith")
    end
  end

  describe "serializer" do
    it "may be Alba's" do
      resource = Class.new do
        include Alba::Resource

        attributes :id, :name
        attribute(:shout) { |thing| thing.name.upcase }
      end
      declare { push serializer: resource }
      thing = nil
      expect(object { thing = Thing.create!(name: "a") }).to eq("id" => Thing.last.id, "name" => "a", "shout" => "A")
      expect(data { thing.update!(name: "b") }).to include("object" => { "id" => thing.id, "name" => "b",
                                                                         "shout" => "B" },
                                                           "changed" => %w[id name shout])
      expect(object { thing.destroy! }).to eq("id" => thing.id)
    end

    {
      as_json: "has an as_json of its own", serializable_hash: "has serializable_hash", to_h: "has to_h"
    }.each do |method, words|
      it "may be one that #{words}" do
        serializer = Class.new do
          define_method(:initialize) { |record| @record = record }
          define_method(method) { |*| { label: "<#{@record.name}>" } }
        end
        declare { push serializer: }
        expect(object { Thing.create!(name: "a") }).to eq("label" => "<a>")
      end
    end

    it "that raises leaves the key, and is reported" do
      declare { push serializer: Class.new { def initialize(_) = raise("no") } }
      expect(data { Thing.create! }).to include("partial" => true, "object" => { "id" => Thing.last.id })
      expect(log).to match(/Thing \d+ \(encoding\) RuntimeError: no/)
    end
  end

  describe "changes_only" do
    it "carries the key and what changed, in an update alone" do
      declare { push changes_only: true }
      thing = nil
      expect(object { thing = Thing.create!(name: "a") }.keys).to match_array(Thing.column_names)
      expect(data { thing.update!(name: "b") })
        .to include("object" => { "id" => thing.id, "name" => "b", "updated_at" => thing.updated_at.as_json },
                    "changed" => contain_exactly("name", "updated_at"))
    end

    it "carries everything to those who did not have it" do
      declare { push create: "f%{family_id}", update: "f%{family_id}", changes_only: true }
      thing = Thing.create!(name: "a", family_id: 1)
      expect(object { thing.update!(family_id: 2) }).to include("name" => "a", "family_id" => 2)
    end

    it "goes with methods and with only" do
      declare do
        push update: :collections, only: %i[name age], methods: :shout, changes_only: true
        def shout = name.upcase
      end
      thing = Thing.create!(name: "a", age: 1)
      expect(data { thing.update!(age: 2) }).to include("object" => { "id" => thing.id, "age" => 2, "shout" => "A" },
                                                        "changed" => contain_exactly("age", "shout"))
    end
  end

  describe "reload" do
    it "carries what the database itself has filled" do
      declare do
        push reload: true
        after_update { Thing.where(id:).update_all(age: 99) } # as a trigger would: the instance does not hear of it
      end
      thing = Thing.create!(name: "a", age: 1)
      expect(data { thing.update!(name: "b") }).to include("object" => include("age" => 99),
                                                           "changed" => include("age"))
    end

    it "tells nothing of a row that is gone by then" do
      declare do
        push reload: true, create: :collections
        after_commit { Thing.where(id:).delete_all }
      end
      declare("Other") { push create: :collections, reload: true }
      expect(pushes { Other.transaction { Other.create!.then { |other| Other.where(id: other.id).delete_all } } })
        .to be_empty
    end
  end

  it "of several lines for one channel is what the first that declares the event says" do
    declare do
      push create: "all", only: %i[name]
      push create: %w[all more], update: "all", only: %i[age]
    end
    sent = pushes { Thing.create!(name: "a", age: 1) }.to_h { |message| message.values_at("channel", "data") }
    expect(sent.transform_values { |data| data["object"].keys })
      .to eq("/sync/all" => %w[id name], "/sync/more" => %w[id age])
    expect(object { Thing.last.update!(age: 2) }.keys).to contain_exactly("id", "age")
  end

  describe "a record of which only some columns were loaded" do
    it "is read again: channels and object are the row's" do
      Member.create!(name: "a", age: 3, family_id: 7)
      member = Member.select(:id, :name).last
      expect(pushes { member.update!(name: "b") }.map { |message| message["channel"] })
        .to contain_exactly("/sync/family_7_members", "/sync/member_#{member.id}")
      expect(Pushable.deliveries.last["data"]["object"]).to include("name" => "b", "age" => 3)
    end

    it "is reported when it is destroyed and a channel needs a column that is not there" do
      Member.create!(name: "a", family_id: 7)
      member = Member.select(:id, :name).last
      expect(events { member.destroy! }).to eq([["member_#{member.id}", "destroy"]])
      expect(log).to match(/Member #{member.id} \(:collections\) ActiveModel::MissingAttributeError/)
    end
  end

  it "is said once per class in the log, when secret columns stay out" do
    declare(table: "accounts") { push }
    Pushable::Plan.told.delete("Thing")
    2.times { Thing.create! }
    Pushable::Plan.forget(Thing)
    Thing.create!
    expect(log.scan("Thing leaves out")).to eq(["Thing leaves out"])
    expect(log).to include("password_digest")
  end

  it "leaves out secret columns of records inside another value" do
    account = Account.create!(email: "e", password_digest: "d", ssn: "s")
    encoded = JSON.parse(Pushable.encode({ "list" => [account] }))
    expect(encoded).to eq("list" => [{ "id" => account.id, "email" => "e" }])
  end
end
