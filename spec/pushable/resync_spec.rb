# frozen_string_literal: true

require "support/faye_process"
require "support/faye_subscriber"
require "support/pushing"

# Browsers are told to fetch.
RSpec.describe "Pushable.resync", :pushing do
  def resyncs(target)
    answer = nil
    messages = pushes { answer = Pushable.resync(target) }
    expect(messages.map { |message| message["data"].except("id", "at") }).to all(eq("event" => "resync"))
    [answer, messages.map { |message| message["channel"] }]
  end

  it "takes a channel's name" do
    expect(resyncs("family_1_members")).to eq([true, ["/sync/family_1_members"]])
    expect(resyncs("a.b/$all")).to eq([true, ["/sync/a$2eb/$24all"]])
  end

  it "takes a record: each channel it is in, as it was saved" do
    member = Member.create!(name: "Ann", family_id: 3)
    member.family_id = 4
    expect(resyncs(member)).to eq([true, ["/sync/family_3_members", "/sync/member_#{member.id}"]])
    expect(member.family_id).to eq(4)
  end

  it "takes a class whose channels are the same for all records" do
    constant = Class.new(ActiveRecord::Base) do
      self.table_name = "animals"
      def self.name = "Beast"
      push create: :collections
      push update: :collections
    end
    expect(resyncs(constant)).to eq([true, ["/sync/beasts"]])
  end

  it "tells every client of a class whose channels depend on the record" do
    expect(resyncs(Member)).to eq([true, ["/sync/$all"]])
    expect(resyncs(Dog)).to eq([true, ["/sync/$all"]])
  end

  it "has a channel for everyone that no name is written as" do
    ["$all", "/$all", "sync/$all", nil].each do |name|
      channels = begin
        pushes { Pushable.publish(name, 1) }.map { |message| message["channel"] }
      rescue ArgumentError
        []
      end
      expect(channels).not_to include("/sync/$all")
    end
  end

  it "is false when it is told nowhere, or cannot be told everywhere" do
    expect(resyncs(Notice.create!(target: nil)).first).to be(true) # the instance's own channel
    Notice.behaviour = ->(_) { raise "no channel today" }
    answer, channels = resyncs(Notice.create!)
    expect([answer, channels.size]).to eq([false, 1])
    expect(log).to include("no channel today")
    nowhere = Class.new(Family) do
      def self.name = "Family"
      def instance_channel = nil
    end
    expect(resyncs(nowhere.create!)).to eq([false, []])
  ensure
    Notice.behaviour = nil
  end

  it "is false when the message cannot be queued" do
    Pushable.configure { |config| config.delivery_method = :inline }
    expect(Pushable.resync("room")).to be(false)
    expect(Pushable.resync(Member)).to be(false)
    expect(log).to include("channel \"room\"", "channel \"/sync/$all\"")
  end

  it "refuses everything else, by name" do
    { nil => "nil", 5 => "5", :members => ":members", SilentMember => "SilentMember", Kernel => "Kernel",
      ActiveRecord::Base => "ActiveRecord::Base", Object.new => "#<Object" }.each do |target, name|
      expect { Pushable.resync(target) }.to raise_error(ArgumentError, /a channel's name, a record or a class.*#{name}/)
    end
    expect { Pushable.resync(SilentMember.create!) }.to raise_error(ArgumentError, /SilentMember/)
    expect { Pushable.resync(Member.new) }.to raise_error(ArgumentError, /Member is new/)
    expect { Pushable.resync("a//b") }.to raise_error(ArgumentError, %r{a//b})
    expect(Pushable.deliveries).to be_empty
  end

  it "reaches a subscriber of everyone's channel on a real Faye server" do
    faye = FayeProcess.start
    subscriber = FayeSubscriber.start(faye.url, "/sync/$all")
    Pushable.configure do |config|
      config.server = faye.url
      config.delivery_method = :inline
    end
    expect(Pushable.resync(Member)).to be(true)
    message = subscriber.wait_for_messages(1).first
    expect([message["channel"], message["data"]["event"]]).to eq(["/sync/$all", "resync"])
  ensure
    subscriber&.stop
    faye&.stop
  end
end
