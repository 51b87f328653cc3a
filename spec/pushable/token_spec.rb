# frozen_string_literal: true

require "json"
require "support/pushing"
require "support/tokens"

RSpec.describe "Pushable.token", :pushing, databases: [:sqlite] do
  before { Pushable.configure { |config| config.secret = Tokens::SECRET } }

  def expiry(token) = token[/\Av1\.(\d+)\./, 1].to_i

  def declare(name, &)
    stub_const(name, Class.new(ActiveRecord::Base) { self.table_name = "members" })
    Object.const_get(name).class_eval(&)
    Object.const_get(name)
  end

  JSON.parse(File.read("#{__dir__}/../vectors/channels.json")).each do |vector|
    name, channel = vector.values_at("name", "channel")
    if channel
      it("signs #{name.inspect} as #{channel}") do
        token = Pushable.token(name)
        expect(token).to eq(Tokens.sign(channel, expiry: expiry(token)))
      end
    else
      it("refuses #{name.inspect}") { expect { Pushable.token(name) }.to raise_error(ArgumentError, /channel name/) }
    end
  end

  it "is good for a day, or as long as it is told" do
    expect(expiry(Pushable.token("a"))).to be_within(5).of(Time.now.to_i + 86_400)
    expect(expiry(Pushable.token("a", expires_in: 90))).to be_within(5).of(Time.now.to_i + 90)
    expect(expiry(Pushable.token(:a, expires_in: 2.hours))).to be_within(5).of(Time.now.to_i + 7200)
    [0, -1, nil, 0.5].each { |wrong| expect { Pushable.token("a", expires_in: wrong) }.to raise_error(ArgumentError) }
  end

  it "is signed with the secret, never with a previous one" do
    Pushable.configure { |config| config.previous_secrets = ["old"] }
    token = Pushable.token("a")
    expect(token).to eq(Tokens.sign("/sync/a", expiry: expiry(token)))
  end

  it "takes no secret from nowhere" do
    Pushable.configure { |config| config.secret = nil }
    expect { Pushable.token("a") }.to raise_error(ArgumentError, /no secret/)
  end

  describe "of a record" do
    # Where its class pushes it, too.
    def expect_its_channel(record, name)
      token = Pushable.token(record)
      expect(token).to eq(Tokens.sign("/sync/#{name}", expiry: expiry(token)))
      expect(events { record.update!(name: "new") }).to eq([[name, "update"]])
    end

    it "is of its instance channel" do
      member = declare("Admin::Mate") { push update: :instances }.create!(name: "Ann")
      expect_its_channel(member, "admin/mate_#{member.id}")
    end

    it "is of the channel that it says itself, in private, too" do
      mate = declare("Mate") do
        push update: :instances
        private def instance_channel = "mate.#{name.length}"
      end
      token = Pushable.token(mate.create!(name: "Ann"))
      expect(token).to eq(Tokens.sign("/sync/mate$2e3", expiry: expiry(token)))
    end

    it "is named after the class that declares, for those of subclasses, too" do
      declare("Mate") { push update: :instances }
      stub_const("Captain", Class.new(Mate))
      captain = Captain.create!(name: "Ann")
      expect_its_channel(captain, "mate_#{captain.id}")
    end

    it "is refused where it would be of no channel, or of several" do
      mate = declare("Mate") { push update: :collections }
      expect { Pushable.token(mate.create!) }.to raise_error(ArgumentError, /Mate pushes nothing to :instances/)
      mate = declare("Mate") { push update: :instances }
      expect { Pushable.token(mate.new) }.to raise_error(ArgumentError, /new/)
      { [] => 0, nil => 0, %w[a b] => 2 }.each do |answer, count|
        mate = declare("Mate") { push update: :instances }
        mate.define_method(:instance_channel) { answer }
        expect { Pushable.token(mate.create!) }.to raise_error(ArgumentError, /Mate has #{count} channels of its own/)
      end
      [5, nil, Object.new, Member].each { |other| expect { Pushable.token(other) }.to raise_error(ArgumentError) }
    end
  end
end
