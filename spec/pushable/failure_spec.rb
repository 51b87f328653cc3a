# frozen_string_literal: true

require "support/pushing"

# The row is committed: whatever goes wrong after that is told, and the application is not hurt.
RSpec.describe "Failing after a commit", :pushing do
  let(:notice) { Notice.create!(text: "a", target: "all") }

  before { notice }
  after { Notice.behaviour = nil }

  def failing_with(error)
    Notice.behaviour = ->(_) { raise error }
  end

  # What subscribers of reject.pushable heard during the block.
  def rejections(&)
    heard = []
    ActiveSupport::Notifications.subscribed(->(*, payload) { heard << payload }, "reject.pushable", &)
    heard
  end

  describe "a channel method that raises" do
    it "is reported by class, key and rule, in the log, to subscribers and in the counters" do
      reported = Pushable.stats[:reported]
      rejected = rejections do
        failing_with(KeyError.new("no such family"))
        notice.update!(text: "b")
      end
      expect(rejected.size).to eq(1)
      expect(rejected[0][:error]).to be_a(KeyError)
      expect(rejected[0]).to include(rule: ":collections")
      expect(rejected[0][:record]).to be_a(Notice).and have_attributes(id: notice.id)
      expect(Pushable.stats[:reported]).to eq(reported + 1)
      expect(log).to match(/ERROR.*pushable: Notice #{notice.id} \(:collections\) KeyError: no such family/)
      expect(log.lines.size).to eq(1)
    end

    it "is reported to Rails where Rails is there", rails: ">= 7.1" do
      reporter = ActiveSupport::ErrorReporter.new
      heard = []
      reporter.subscribe(Class.new do
        define_method(:report) { |error, **details| heard << [error.message, details] }
      end.new)
      stub_const("Rails", Module.new { define_singleton_method(:error) { reporter } })
      failing_with(KeyError.new("no such family"))
      notice.update!(text: "b")
      expect(heard).to contain_exactly(["no such family", include(handled: true, severity: :error, source: "pushable",
                                                                  context: include(record: "Notice #{notice.id}",
                                                                                   rule: ":collections"))])
    end

    it "is reported to a Rails that asks for no source, as 7.0 does" do
      heard = []
      reporter = Object.new
      reporter.define_singleton_method(:report) do |error, handled:, severity:, context:|
        heard << [error.message, handled, severity, context.keys]
      end
      stub_const("Rails", Module.new { define_singleton_method(:error) { reporter } })
      failing_with(KeyError.new("no such family"))
      notice.update!(text: "b")
      expect(heard).to eq([["no such family", true, :error, %i[record rule count]]])
    end

    it "for a query that failed hurts neither the transaction nor the next one" do
      Notice.behaviour = ->(_) { Notice.connection.select_value("SELECT no_such_column FROM notices") }
      expect(events { notice.update!(text: "b") }).to eq([["notice_#{notice.id}", "update"]])
      expect(notice.reload.text).to eq("b")
      expect(log).to match(/\(:collections\) ActiveRecord::StatementInvalid/)
      Notice.behaviour = nil
      expect(events { notice.update!(text: "c") }).to contain_exactly(%w[all update], ["notice_#{notice.id}", "update"])
    end

    it "leaves the other targets of the record, the other records, and the save as they are" do
      other = Animal.create!(name: "Rex")
      heard = events do
        failing_with(RuntimeError.new("no"))
        Notice.transaction do
          expect(notice.update!(text: "b")).to be(true)
          other.update!(name: "Max")
        end
      end
      expect(heard).to contain_exactly(["notice_#{notice.id}", "update"], %w[animals update],
                                       ["animal_#{other.id}", "update"])
      expect(notice.reload.text).to eq("b")
    end

    it "does not make a record leave the channel it was in: where it is now is not known" do
      Notice.behaviour = ->(asked) { asked.text == "b" ? raise("no") : asked.target }
      expect(events { notice.update!(text: "b") }).to eq([["notice_#{notice.id}", "update"]])
    end
  end

  {
    5 => /a channel's name is a String, a Symbol, several in an Array, or nil; got 5/,
    Object => /got Object/,
    [["a", 7]] => /got 7/,
    "" => /""/,
    "a//b" => %r{"a//b"},
    "/a" => %r{"/a"},
    "\xFF" => /channel/
  }.each do |answer, words|
    it "a channel method that answers #{answer.inspect} is reported, and the others are told" do
      expect(events do
        Notice.behaviour = ->(_) { answer }
        notice.update!(text: "b")
      end).to include(["notice_#{notice.id}", "update"])
      expect(log).to match(words).and match(/Notice #{notice.id}/)
    end
  end

  describe "what cannot be encoded" do
    it "goes out as partial, with the key alone, and is reported by class, key and place" do
      messages = pushes { notice.update!(picture: "not \xFF UTF-8") }
      expect(messages.size).to eq(2)
      messages.each do |message|
        expect(message["data"]).to include("event" => "update", "partial" => true, "object" => { "id" => notice.id },
                                           "changed" => ["picture"])
      end
      expect(log).to match(/Notice #{notice.id} \(encoding\) Pushable::EncodingError: Notice\.picture/)
    end

    it "leaves the other records whole" do
      messages = pushes do
        Notice.transaction do
          notice.update!(picture: "\xFF")
          Animal.create!(name: "Rex")
        end
      end
      expect(messages.map { |message| message["data"]["partial"] }).to eq([true, true, nil])
      expect(messages.last["data"]["object"]["name"]).to eq("Rex")
    end

    it "is not told of when it was put right before the commit" do
      messages = pushes do
        Notice.transaction do
          notice.update!(picture: "\xFF")
          notice.update!(picture: "fine")
        end
      end
      expect(messages.map { |message| message["data"]["object"]["picture"] }).to eq(%w[fine fine])
      expect(log).to be_empty
    end

    it "is not told of when it was rolled back" do
      Notice.transaction do
        notice.update!(picture: "\xFF")
        raise ActiveRecord::Rollback
      end
      expect(log).to be_empty
    end

    it "by an as_json or a reader that raises goes out as partial, too" do
      stub_const("Broken", Class.new(ActiveRecord::Base) do
        self.table_name = "notices"
        push
        def text = raise("no text")
      end)
      broken = nil
      messages = pushes { broken = Broken.create!(target: "x") }
      expect(messages.map { |message| message["data"].values_at("partial", "object") })
        .to eq([[true, { "id" => broken.id }]])
      expect(log).to match(/Broken #{broken.id} \(encoding\) RuntimeError: no text/)
    end
  end

  it "what is larger than a message may be goes out as partial, with the key alone" do
    Pushable.configure { |config| config.max_message_bytes = 4096 }
    messages = pushes { notice.update!(text: "x" * 5000) }
    expect(messages.map { |message| message["data"].values_at("partial", "object") })
      .to eq([[true, { "id" => notice.id }]] * 2)
    expect(pushes { notice.update!(text: "y" * 100) }.map { |message| message["data"]["partial"] }).to eq([nil, nil])
  end

  describe "what is too large and has no key" do
    # A class of Active Model's, whose records have the key that is asked for, or none.
    def reading(key)
      Class.new do
        extend ActiveModel::Callbacks

        define_model_callbacks :create, :update, :destroy
        extend Pushable::Model

        push create: "readings"
        define_singleton_method(:name) { "Reading" }
        define_method(:id) { key } unless key == :none
        def as_json(*) = { "text" => "x" * 5000 }
      end.new
    end

    before { Pushable.configure { |config| config.max_message_bytes = 4096 } }

    it "goes out as partial where there is one" do
      data = pushes { reading(7).run_callbacks(:create) }.map { |message| message["data"] }
      expect(data).to match([include("event" => "create", "partial" => true, "object" => { "id" => 7 })])
      expect(log).to be_empty
    end

    { "none" => :none, "nil" => nil, "one that is too large" => "k" * 5000 }.each do |what, key|
      it "(#{what}) is refused and reported, and its channel told to fetch" do
        data = pushes { reading(key).run_callbacks(:create) }.map { |message| message["data"] }
        expect(data).to match([{ "event" => "resync", "id" => String, "at" => Integer }])
        expect(log).to match(/ERROR.*Reading.*\(channel "readings"\) Pushable::MessageTooLarge/)
        expect(log.lines.size).to eq(1)
      end
    end

    it "or cannot be encoded, neither" do
      record = reading(:none)
      record.define_singleton_method(:as_json) { |*| raise "no text" }
      expect(pushes { record.run_callbacks(:create) }.map { |message| message["data"]["event"] }).to eq(["resync"])
      expect(log).to match(/ERROR.*Reading \(encoding\) RuntimeError: no text/)
    end
  end

  it "published by hand, a record that is too large goes out as partial, anything else raises" do
    Pushable.configure { |config| config.max_message_bytes = 4096 }
    notice.update!(text: "x" * 5000)
    Pushable.deliveries.clear
    expect(Pushable.publish("x", notice)).to be(true)
    expect(Pushable.deliveries.map { |message| message["data"] })
      .to match([include("event" => "update", "partial" => true, "object" => { "id" => notice.id })])
    expect { Pushable.publish("x", Notice.new(text: "x" * 5000)) }.to raise_error(Pushable::MessageTooLarge)
    expect { Pushable.publish("x", { id: 7, text: "x" * 5000 }) }.to raise_error(Pushable::MessageTooLarge)
  end

  it "what the application does after a commit still runs" do
    ran = []
    stub_const("Followed", Class.new(Notice) do
      self.table_name = "notices"
      after_commit { ran << text }
    end)
    failing_with(RuntimeError.new("no"))
    Followed.create!(text: "b")
    expect(ran).to eq(["b"])
  end

  it "an application's after_commit that raises takes no message along" do
    stub_const("Raising", Class.new(Notice) { after_commit { raise "the app's own" } })
    raising = Raising.new(text: "b", target: "all")
    expect(events do
      Notice.transaction do
        raising.save!
        notice.update!(text: "c")
      end
    rescue RuntimeError => e
      expect(e.message).to eq("the app's own")
    end).to contain_exactly(%w[all create], %w[all update], ["notice_#{notice.id}", "update"])
  end

  it "a logger or a subscriber that raises hurts nobody" do
    failing_with(RuntimeError.new("no"))
    Pushable.logger = Class.new { def error(*) = raise("no log") }.new
    expect { notice.update!(text: "b") }.not_to raise_error
    Pushable.logger = Logger.new(StringIO.new)
    ActiveSupport::Notifications.subscribed(->(*) { raise "no ears" }, "reject.pushable") do
      expect { notice.update!(text: "c") }.not_to raise_error
    end
    expect(notice.reload.text).to eq("c")
  end

  describe "what is no mere error" do
    def two_records
      Notice.transaction do
        notice.update!(text: "b")
        Animal.create!(name: "Rex")
      end
    end

    it "an Interrupt passes through, after the rest was handed over" do
      failing_with(Interrupt.new("ctrl-c"))
      expect(events { expect { two_records }.to raise_error(Interrupt) }).to include(%w[animals create])
      expect(notice.reload.text).to eq("b")
    end

    it "a throw passes through, after the rest was handed over" do
      Notice.behaviour = ->(_) { throw :out, "thrown" }
      expect(events { expect(catch(:out) { two_records }).to eq("thrown") }).to include(%w[animals create])
    end

    it "an outer Timeout passes through, after the rest was handed over" do
      Notice.behaviour = ->(_) { sleep 20 }
      expect(events { expect { Timeout.timeout(0.2) { two_records } }.to raise_error(Timeout::Error) })
        .to include(%w[animals create])
      expect(log).to eq("")
    end

    it "an exit passes through, after the rest was handed over" do
      Notice.behaviour = ->(_) { exit 3 }
      expect(events { expect { two_records }.to raise_error(SystemExit) }).to include(%w[animals create])
    end

    it "a thread that is killed ends, after the rest was handed over" do
      Notice.behaviour = ->(_) { Thread.current.kill }
      thread = nil
      ActiveRecord::Base.connection_pool.release_connection # there is but one, and the thread needs it
      heard = events { (thread = Thread.new { ActiveRecord::Base.connection_pool.with_connection { two_records } }).join }
      expect(heard).to include(%w[animals create])
      expect(thread.value).to be_nil
    end

    it "leaves the journal clean for the next transaction" do
      failing_with(Interrupt.new("ctrl-c"))
      expect { two_records }.to raise_error(Interrupt)
      Notice.behaviour = nil
      expect(events { notice.update!(text: "c") }).to contain_exactly(%w[all update],
                                                                      ["notice_#{notice.id}", "update"])
    end
  end
end
