# frozen_string_literal: true

require "support/pushing"

# What is written where it is muted is not pushed; when it is committed does not matter.
RSpec.describe "Muting", :pushing do
  def create(klass = Member) = klass.create!(name: "Ann")

  describe "Pushable.mute" do
    it "pushes nothing of what is written in the block, and all that is written after it" do
      member = create
      expect(pushes { Pushable.mute { [create, member.update!(age: 9), member.touch, member.destroy!] } }).to be_empty
      expect(events { create(Animal) }).to eq([%w[animals create]])
    end

    it "gives what the block gives" do
      expect(Pushable.mute { :value }).to eq(:value)
    end

    it "is over with the outermost block" do
      expect(pushes { Pushable.mute { Pushable.mute { nil } && create } }).to be_empty
      expect(pushes { create }.size).to eq(1)
    end

    it "is over after an exception and after a throw" do
      expect { Pushable.mute { raise "out" } }.to raise_error("out")
      expect(pushes { create }.size).to eq(1)
      catch(:out) { Member.mute_pushes { Pushable.mute { throw :out } } }
      expect(pushes { create }.size).to eq(1)
    end

    it "asks no Ruby where nothing is muted" do
      Pushable.mute { nil }
      expect(Pushable::Mute).not_to receive(:covers?)
      create
    end

    it "mutes no other fiber and no other thread" do
      pushed = events do
        Pushable.mute do
          Fiber.new { create(Animal) }.resume
          expect(Thread.new { Pushable::Mute.covers?(Animal) }.value).to be(false)
          create(Dog)
        end
      end
      expect(pushed).to eq([%w[animals create]])
    end

    it "leaves what is said by hand alone" do
      pushed = events do
        Pushable.mute do
          Pushable.publish("room", 1)
          Pushable.resync("room")
        end
      end
      expect(pushed).to eq([%w[room update], %w[room resync]])
    end
  end

  describe "Model.mute_pushes" do
    it "mutes its class and no other" do
      expect(events { Member.mute_pushes { [create, create(Animal)] } }).to eq([%w[animals create]])
    end

    it "mutes its subclasses, and not what it inherits from" do
      expect(pushes { Animal.mute_pushes { [create(Animal), create(Puppy)] } }).to be_empty
      expect(pushes { Dog.mute_pushes { [create(Puppy), create(Dog)] } }).to be_empty
      expect(events { Dog.mute_pushes { create(Animal) } }).to eq([%w[animals create]])
    end

    it "adds up: the inner one's end is not the outer one's" do
      pushed = events do
        Animal.mute_pushes do
          Member.mute_pushes { [create, create(Dog)] }
          create(Dog)
          create
        end
      end
      expect(pushed).to eq([%w[family__members create]])
    end

    it "comes with the first push, to subclasses too" do
      expect([Member, Animal, Puppy]).to all(respond_to(:mute_pushes))
      expect([ActiveRecord::Base, SilentMember].map { |klass| klass.respond_to?(:mute_pushes) }).to eq([false, false])
    end
  end

  describe "counts the write, not the commit" do
    it "is silent about a muted write that is committed later" do
      expect(pushes { Member.transaction { Pushable.mute { create } } }).to be_empty
    end

    it "tells of an unmuted write that is committed inside the block" do
      Member.connection_pool.with_connection do |connection|
        connection.begin_transaction
        create
        expect(events { Pushable.mute { connection.commit_transaction } }).to eq([%w[family__members create]])
      end
    end

    it "forgets only the muted writes of a transaction" do
      member = create
      message, = pushes do
        Member.transaction do
          Pushable.mute { member.update!(age: 9) }
          member.update!(name: "Bea")
          Pushable.mute { member.update!(age: 10) }
        end
      end
      expect(message["channel"]).to eq("/sync/family__members")
      expect(message["data"]).to include("event" => "update", "changed" => contain_exactly("name", "updated_at"))
    end

    # Rails puts the touch of a parent off to the commit, and leaves the changes of the write before it standing.
    it "does not take a muted write's changes for those of a touch after it" do
      family = Pushable.mute { Family.create!(name: "One") }
      message, = pushes do
        Family.transaction do
          Pushable.mute { family.update!(name: "Two") }
          TouchingMember.create!(family: family)
        end
      end
      expect(message["data"]["changed"]).to eq(["updated_at"])
    end

    it "is silent about a record's muted end" do
      member = create
      expect(pushes { Member.mute_pushes { member.destroy! } }).to be_empty
      expect(pushes { Member.transaction { Member.mute_pushes { create }.destroy! } }.map { |m| m["data"]["event"] })
        .to all(eq("destroy"))
    end
  end
end
