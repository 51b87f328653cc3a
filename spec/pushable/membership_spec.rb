# frozen_string_literal: true

require "support/pushing"

# Records that leave channels and enter others.
RSpec.describe "Membership before and after a transaction", :pushing do
  let(:member) { Member.create!(name: "Ann", age: 30, family_id: 1) }
  let(:instance) { "member_#{member.id}" }

  before { member }

  it "a move leaves one collection, enters the other, and updates the instance" do
    messages = pushes { member.update!(family_id: 2) }
    by_channel = messages.to_h { |message| [message["channel"], message["data"]] }
    expect(by_channel.keys).to contain_exactly("/sync/family_1_members", "/sync/family_2_members", "/sync/#{instance}")
    expect(by_channel["/sync/family_1_members"]).to include("event" => "destroy", "object" => { "id" => member.id })
    expect(by_channel["/sync/family_2_members"]).to include("event" => "create",
                                                            "object" => include("name" => "Ann", "family_id" => 2))
    expect(by_channel["/sync/#{instance}"]).to include("event" => "update",
                                                       "changed" => contain_exactly("family_id", "updated_at"))
  end

  it "two moves in a transaction are one, from the first to the last" do
    expect(events do
      Member.transaction do
        member.update!(family_id: 2)
        member.update!(family_id: 3)
      end
    end).to contain_exactly(%w[family_1_members destroy], %w[family_3_members create], [instance, "update"])
  end

  it "a move and back is an update" do
    expect(events do
      Member.transaction do
        member.update!(family_id: 2, name: "Bea")
        member.update!(family_id: 1)
      end
    end).to contain_exactly(%w[family_1_members update], [instance, "update"])
  end

  it "a move that is destroyed afterwards is a destruction where it was before" do
    expect(events do
      Member.transaction do
        member.update!(family_id: 2)
        member.destroy!
      end
    end).to contain_exactly(%w[family_1_members destroy], [instance, "destroy"])
  end

  it "a move after an earlier move begins where that one ended" do
    member.update!(family_id: 2)
    expect(events { member.update!(family_id: 3) }).to include(%w[family_2_members destroy])
      .and(satisfy { |heard| heard.flatten.none?("family_1_members") })
  end

  it "a touch after a move is an update where it is now" do
    member.update!(family_id: 2)
    expect(events { member.touch }).to contain_exactly(%w[family_2_members update], [instance, "update"])
  end

  it "a counter that is raised with a touch after a move repeats neither the move nor the creation" do
    expect(events { member.increment!(:age, touch: true) })
      .to contain_exactly(%w[family_1_members update], [instance, "update"])
    member.update!(family_id: 2)
    expect(events { member.increment!(:age, touch: true) })
      .to contain_exactly(%w[family_2_members update], [instance, "update"])
  end

  it "a counter that is raised with a touch, before or after a move in its transaction, is part of the move" do
    writes = [->(_) { member.increment!(:age, touch: true) }, ->(family_id) { member.update!(family_id:) }]
    [writes, writes.reverse].each do |order|
      from = member.reload.family_id
      expect(events { Member.transaction { order.each { |write| write.call(from + 1) } } })
        .to contain_exactly(["family_#{from}_members", "destroy"], ["family_#{from + 1}_members", "create"],
                            [instance, "update"])
    end
  end

  it "a parent's touch at the very moment of its creation does not create it again" do
    now = Time.now.utc
    allow(Time).to receive(:now).and_return(now) # what freezing the clock in an application's tests does
    stub_const("Household", Class.new(Family) { push create: :collections, update: :collections })
    stub_const("Child", Class.new(ActiveRecord::Base) do
      self.table_name = "members"
      belongs_to :household, touch: true, foreign_key: :family_id
    end)
    household = Household.create!(name: "Smith")
    messages = pushes { Child.create!(household:) }
    expect(messages.map { |message| [message["channel"], message["data"].values_at("event", "changed")] })
      .to contain_exactly(["/sync/households", ["update", ["updated_at"]]],
                          ["/sync/family_#{household.id}", ["update", ["updated_at"]]])
  end

  it "a family_id that is assigned and not saved moves nothing" do
    expect(events do
      Member.transaction do
        member.update!(name: "Bea")
        member.family_id = 9
      end
    end).to contain_exactly(%w[family_1_members update], [instance, "update"])
    expect(events { member.destroy! }).to include([instance, "destroy"])
      .and(satisfy { |heard| heard.flatten.none?("family_9_members") })
  end

  it "carries into the new collection what the row has, not what an old instance remembers" do
    Member.find(member.id).update!(name: "Bea")
    messages = pushes { member.update!(family_id: 2) }
    created = messages.find { |message| message["data"]["event"] == "create" }
    expect(created["data"]["object"]).to include("name" => "Bea", "family_id" => 2)
  end

  describe "of an instance that another one has overtaken" do
    let(:stale) { Member.find(member.id) }

    before do
      stale
      Member.find(member.id).update!(family_id: 2)
    end

    it "is an update where the record is now" do
      messages = pushes { stale.update!(age: 31) }
      expect(messages.map { |message| [message["channel"], message["data"]["event"]] })
        .to contain_exactly(["/sync/family_2_members", "update"], ["/sync/#{instance}", "update"])
      expect(messages.map { |message| message["data"]["object"] }).to all(include("family_id" => 2, "age" => 31))
      expect(messages.map { |message| message["data"]["changed"] }).to all(contain_exactly("age", "updated_at"))
    end

    it "is an update there for a touch, too" do
      expect(events { stale.touch }).to contain_exactly(%w[family_2_members update], [instance, "update"])
    end

    it "leaves where it is and where the instance believes it to be when it moves" do
      expect(events { stale.update!(family_id: 3) })
        .to contain_exactly(%w[family_1_members destroy], %w[family_2_members destroy], %w[family_3_members create],
                            [instance, "update"])
    end

    it "is destroyed in both places" do
      expect(events { stale.destroy! })
        .to contain_exactly(%w[family_1_members destroy], %w[family_2_members destroy], [instance, "destroy"])
    end

    it "asks the database no more than once, and not at all when the instance knows" do
      queries = []
      count = ->(*, payload) { queries << payload[:sql] if payload[:sql].start_with?("SELECT") }
      ActiveSupport::Notifications.subscribed(count, "sql.active_record") do
        stale.update!(age: 31)
        expect(queries.size).to eq(1)
        queries.clear
        known = Member.find(member.id)
        queries.clear
        known.update!(age: 32)
        expect(queries).to be_empty
      end
    end
  end

  it "of an instance whose move was rolled back is where its row is" do
    other = Member.create!(family_id: 1)
    Member.transaction do
      Member.transaction(requires_new: true) do
        [member, other].each { |moved| moved.update!(family_id: 2) }
        raise ActiveRecord::Rollback
      end
    end
    expect(member.family_id_in_database).to eq(2) # what Rails leaves in it
    expect(events { member.update!(name: "Bea") }).to contain_exactly(%w[family_1_members update], [instance, "update"])
    expect(events { other.update!(family_id: 3) })
      .to include(%w[family_1_members destroy], %w[family_3_members create])
  end

  it "of a new row begins anew, though another row had its key before" do
    member.update!(family_id: 2)
    Member.where(id: member.id).delete_all
    again = Member.create!(id: member.id, family_id: 1)
    expect(events { again.update!(age: 5) }).to contain_exactly(%w[family_1_members update], [instance, "update"])
  end

  it "is asked through associations, loaded or not" do
    stub_const("NamedMember", Class.new(ActiveRecord::Base) do
      self.table_name = "members"
      belongs_to :family
      push create: :collections, update: :collections, destroy: :collections
      def collection_channel = "of_#{family.name}"
    end)
    smith, jones = %w[smith jones].map { |name| Family.create!(name:) }
    named = NamedMember.create!(family: smith)
    expect(events { named.update!(family: jones) }).to contain_exactly(%w[of_smith destroy], %w[of_jones create])
    expect(events { NamedMember.find(named.id).update!(family_id: smith.id) })
      .to contain_exactly(%w[of_jones destroy], %w[of_smith create])
    expect(named.family).to eq(jones) # the record itself was left alone
  end

  it "is asked of a view that forgets what the application memoized" do
    stub_const("Memoizing", Class.new(ActiveRecord::Base) do
      self.table_name = "members"
      push update: :collections, create: :collections, destroy: :collections
      def collection_channel = @collection_channel ||= "f#{family_id}"
    end)
    thing = Memoizing.create!(family_id: 1)
    expect(Memoizing.find(thing.id).then { |found| events { found.update!(family_id: 2) } })
      .to contain_exactly(%w[f1 destroy], %w[f2 create])
  end

  it "is asked of a view that has what Active Record itself keeps" do
    asked = []
    stub_const("Spied", Class.new(Member) do
      define_method(:collection_channel) do
        asked << instance_variables.sort
        super()
      end
    end)
    spied = Spied.create!(family: Family.create!)
    asked.clear
    spied.update!(family: Family.create!)
    expect(asked.size).to eq(2)
    expect(asked.first).to eq(asked.last)
  end

  it "reads what composed_of made of the columns" do
    stub_const("Person", Struct.new(:name, :age))
    stub_const("Composed", Class.new(ActiveRecord::Base) do
      self.table_name = "members"
      composed_of :person, mapping: [%w[name name], %w[age age]]
      push update: :collections, create: :collections, destroy: :collections
      def collection_channel = "#{person.name}_#{person.age}"
    end)
    composed = Composed.find(Composed.create!(name: "Ann", age: 30).id)
    expect(events { composed.update!(age: 31) }).to contain_exactly(%w[Ann_30 destroy], %w[Ann_31 create])
  end

  it "runs no callback of the application for a view" do
    initialized = 0
    stub_const("Watched", Class.new(Member) { after_initialize { initialized += 1 } })
    watched = Watched.find(member.id)
    initialized = 0
    watched.update!(age: 31, name: "Bea")
    expect(initialized).to eq(0)
  end

  describe "of channels by several names" do
    def notice_with(&behaviour)
      Notice.behaviour = behaviour
    end

    after { Notice.behaviour = nil }

    it "tells each channel what happened to it" do
      notice_with { |notice| notice.target&.split(",") }
      notice = Notice.create!(text: "a", target: "x,y")
      expect(events { notice.update!(target: "y,z") })
        .to contain_exactly(%w[x destroy], %w[y update], %w[z create], ["notice_#{notice.id}", "update"])
    end

    it "nil before is a creation, nil after is a destruction" do
      notice = Notice.create!(text: "a")
      expect(events { notice.update!(target: "x") }).to contain_exactly(%w[x create], ["notice_#{notice.id}", "update"])
      expect(events { notice.update!(target: nil) }).to contain_exactly(%w[x destroy],
                                                                        ["notice_#{notice.id}", "update"])
    end
  end
end
