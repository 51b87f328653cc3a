# frozen_string_literal: true

require "support/pushing"
require "support/ruby_process"

RSpec.describe "Declaring with push", :pushing do
  def declare(name = "Thing", superclass: ActiveRecord::Base, table: "members", &body)
    stub_const(name, Class.new(superclass)).tap do |klass|
      klass.table_name = table if table
      klass.class_eval(&body)
    end
  end

  describe "without arguments" do
    it "pushes a creation to the collection, an update and a destruction to both" do
      animal = nil
      expect(events { animal = Animal.create!(name: "Rex") }).to eq([%w[animals create]])
      expect(events { animal.update!(name: "Max") })
        .to contain_exactly(%w[animals update], ["animal_#{animal.id}", "update"])
      expect(events { animal.destroy! }).to contain_exactly(%w[animals destroy], ["animal_#{animal.id}", "destroy"])
    end
  end

  describe "default channels" do
    it "names a namespaced class's as the 2013 gem did" do
      user = Admin::User.create!(name: "Ann")
      expect(Pushable.deliveries.last["channel"]).to eq("/sync/admin/users")
      expect(events { user.update!(name: "Bea") }).to include(["admin/user_#{user.id}", "update"])
    end

    it "gives subclasses of a table the channels of the class that declared" do
      puppy = nil
      expect(events { puppy = Puppy.create!(name: "Rex") }).to eq([%w[animals create]])
      expect(events { puppy.update!(name: "Max") }).to include(["animal_#{puppy.id}", "update"])
      expect(events { Animal.find(puppy.id).destroy! }).to include(%w[animals destroy])
    end
  end

  describe "several lines" do
    it "add up" do
      declare do
        push create: :collections
        push create: :instances, update: :instances
      end
      thing = nil
      expect(events { thing = Thing.create!(name: "a") })
        .to contain_exactly(%w[things create], ["thing_#{Thing.last.id}", "create"])
      expect(events { thing.update!(name: "b") }).to eq([["thing_#{thing.id}", "update"]])
      expect(events { thing.destroy! }).to be_empty
    end

    it "say each thing once when they say the same" do
      declare do
        push create: :collections
        push create: %i[collections collections]
      end
      expect(events { Thing.create! }).to eq([%w[things create]])
    end

    it "of a subclass add to its parent's, and not the other way round" do
      declare("Parent") { push create: :collections }
      declare("Child", superclass: Parent, table: nil) { push destroy: :instances }
      child = nil
      expect(events { child = Child.create! }).to eq([%w[parents create]])
      expect(events { child.destroy! }).to eq([["child_#{child.id}", "destroy"]])
      parent = Parent.create!
      expect(events { parent.destroy! }).to be_empty
    end

    it "of a parent that come after a subclass's first push count for the subclass too" do
      declare("Parent") { push create: :collections }
      declare("Child", superclass: Parent, table: nil) { nil }
      Child.create!
      Parent.push destroy: :collections
      expect(events { Child.last.destroy! }).to eq([%w[parents destroy]])
    end
  end

  describe "channel methods" do
    def channels_for(answer)
      declare do
        push create: :collections
        define_method(:collection_channel) { answer }
        private :collection_channel
      end
      events { Thing.create! }.map(&:first)
    end

    it("may answer a String") { expect(channels_for("one")).to eq(["one"]) }
    it("may answer a Symbol") { expect(channels_for(:one)).to eq(["one"]) }
    it("may answer several") { expect(channels_for(["one", :two, nil, "one"])).to eq(%w[one two]) }
    it("may answer nil for none") { expect(channels_for(nil)).to be_empty }
    it("may answer an empty list for none") { expect(channels_for([])).to be_empty }

    it "escape what a channel cannot hold" do
      channels_for("a b/ü.$")
      expect(Pushable.deliveries.last["channel"]).to eq("/sync/a$20b/$c3$bc$2e$24")
    end

    it "of instances count too, public or private" do
      %i[public private].each do |visibility|
        declare("Thing#{visibility.capitalize}") do
          push update: :instances
          define_method(:instance_channel) { "one/#{id}" }
          send(visibility, :instance_channel)
        end
        thing = Object.const_get("Thing#{visibility.capitalize}").create!(name: "a")
        expect(events { thing.update!(name: "b") }).to eq([["one/#{thing.id}", "update"]])
      end
    end

    it "of a subclass or a module count" do
      stub_const("Shelved", Module.new { def collection_channel = "shelf" })
      declare do
        include Shelved

        push create: :collections
      end
      declare("Child", superclass: Thing, table: nil) { def collection_channel = "#{super}_of_children" }
      expect(events { Thing.create! }).to eq([%w[shelf create]])
      expect(events { Child.create! }).to eq([%w[shelf_of_children create]])
    end
  end

  describe "refusing" do
    def refusal(**line)
      declare { push(**line) }
      nil
    rescue ArgumentError => e
      e.message
    end

    {
      { creat: :collections } => ["Thing", ":creat", "did you mean :create?"],
      { sizzle: :collections } => ["Thing", ":sizzle", "known are :create, :update, :destroy"],
      { touch: :collections } => ["Thing", ":touch"],
      { create: 5 } => %w[Thing 5 create:],
      { create: :collection } => ["Thing", ":collection ", "did you mean :collections?"],
      { update: %i[instances instance] } => ["Thing", ":instance ", "did you mean :instances?"],
      { destroy: "" } => ["Thing", '""', "empty"],
      { destroy: "a//b" } => ["Thing", '"a//b"'],
      { create: :famliy } => ["Thing", ":famliy", "no association"],
      { create: :collections, only: 5 } => ["Thing", "only:", "5"],
      { create: :collections, methods: [nil] } => ["Thing", "methods:", "nil"],
      { create: :collections, if: "published?" } => ["Thing", "if:", '"published?"'],
      { create: :collections, unless: [:ok, 1] } => ["Thing", "unless:", "1"],
      { create: :collections, serializer: :member } => ["Thing", "serializer:", ":member"],
      { create: :collections, serializer: String, only: [:id] } => ["Thing", "serializer:", "only:"],
      { create: :collections, include: :nobody } => ["Thing", "include:", ":nobody", "only:"],
      { create: :collections, onyl: [:id] } => ["Thing", ":onyl"],
      { create: [[:collections]] } => ["Thing", "[:collections]"],
      { create: Object } => %w[Thing Object]
    }.each do |line, words|
      it "names the class and the word: push #{line.inspect[1..-2]}" do
        expect(refusal(**line)).to include(*words)
        expect(refusal(**line).lines.size).to eq(1)
      end
    end

    it "names a class that has no name yet by its inspection" do
      klass = Class.new(ActiveRecord::Base)
      expect { klass.push(creat: :collections) }.to raise_error(ArgumentError, /#<Class:0x\h+>: push: .*:creat/)
    end

    it "leaves a class as it was: no callback, no rule" do
      refusal(create: :collections, update: 5)
      expect(events { Thing.create! }).to be_empty
      expect(callbacks_of(Thing)).to be_empty
    end
  end

  def callbacks_of(klass)
    %i[create update destroy touch].flat_map do |event|
      klass.__callbacks[event].select { |callback| callback.filter == Pushable::Hooks }
    end
  end

  describe "what it leaves alone" do
    it "gives no callback to a class without push" do
      expect(callbacks_of(SilentMember)).to be_empty
      expect(callbacks_of(Member).size).to eq(4)
      expect(events { SilentMember.create!(name: "a").update!(name: "b") }).to be_empty
    end

    it "gives one callback an event, however many lines there are" do
      declare do
        push create: :collections
        push update: :instances
      end
      declare("Child", superclass: Thing, table: nil) { push destroy: :instances }
      expect(callbacks_of(Child).size).to eq(4)
    end

    it "is not disturbed by columns that have the names of its methods" do
      oddity = nil
      sent = pushes { oddity = Oddity.create!(collection_channel: "c", instance_channel: "i", push: "p") }
      expect(sent.map { |message| message["channel"] }).to eq(["/sync/oddities"])
      expect(sent.last["data"]["object"])
        .to eq("id" => oddity.id, "collection_channel" => "c", "instance_channel" => "i", "push" => "p")
      expect(events { oddity.update!(push: "q") }).to contain_exactly(%w[oddities update],
                                                                      ["oddity_#{oddity.id}", "update"])
      expect(oddity.push).to eq("q")
    end

    it "is not disturbed by an association that has the name of its method" do
      declare do
        belongs_to :collection_channel, class_name: "Family", foreign_key: :family_id, optional: true
        push create: :collections
      end
      family = Family.create!(name: "Smith")
      expect(events { Thing.create!(collection_channel: family) }).to eq([%w[things create]])
      expect(log).to be_empty
    end

    it "does not touch an association's own push" do
      family = Family.create!(name: "Smith")
      member = nil
      expect(events { family.members.push(member = Member.new(name: "Ann")) })
        .to eq([["family_#{family.id}_members", "create"]])
      expect(family.members).to eq([member])
    end
  end

  it "adds one public name to Active Record, and nothing to instances" do
    result = RubyProcess.run(<<~RUBY)
      require "active_record"
      require "active_support/current_attributes" # brings a name of Active Support's own
      require "openssl" # brings Kernel#Digest
      names = -> { [ActiveRecord::Base.methods, ActiveRecord::Base.private_methods, ActiveRecord::Base.instance_methods,
                    ActiveRecord::Base.private_instance_methods] }
      before = names.call
      require "pushable"
      p names.call.zip(before).map { |now, then_| now - then_ }
    RUBY
    expect(result.output.chomp).to eq("[[:push], [], [], []]")
  end

  it "adds push_now alone to instances of a class that pushes" do
    expect(Member.instance_methods.grep(/push/) - SilentMember.instance_methods).to eq([:push_now])
    expect(Member.private_instance_methods.grep(/push/) - SilentMember.private_instance_methods).to be_empty
  end
end
