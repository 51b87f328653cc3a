# frozen_string_literal: true

require "support/torture"

# An application that leaves the extension's code in every way Ruby has, for bin/test torture.
RSpec.describe "Failing, tortured", :pushing, databases: [:sqlite] do
  # Runs its block when its JSON is asked for.
  asked = Class.new do
    define_method(:initialize) { |&block| @block = block }
    define_method(:as_json) { |*| @block.call }
  end

  asleep = Queue.new

  # The ways to leave: what each does, and what the caller sees of it.
  ways = {
    "raises" => [-> { raise KeyError, "no" }, ->(attempt) { expect(&attempt).to raise_error(KeyError) }],
    "throws" => [-> { throw :out, 1 }, ->(attempt) { expect(catch(:out) { attempt.call }).to eq(1) }],
    "is timed out" => [-> { asleep.push(Thread.current) && sleep }, lambda do |attempt|
      Thread.new { asleep.pop.raise(Interrupt) } # as Timeout does it, at the right moment however slow all is
      expect(&attempt).to raise_error(Interrupt)
    end],
    "exits" => [-> { exit 3 }, ->(attempt) { expect(&attempt).to raise_error(SystemExit) }],
    "kills its thread" => [-> { Thread.current.kill }, ->(attempt) { expect(Thread.new(&attempt).value).to be_nil }]
  }

  # What a document holds when the application leaves it: text, numbers, levels.
  def around(value) = { "before" => ["x" * 20_000, 2**80, { deep: [value] }], "after" => "never" }

  ways.each do |name, (way, seen)|
    it "an as_json that #{name} leaves encode as good as new" do
      3.times { instance_exec(-> { Pushable.encode(around(asked.new(&way))) }, &seen) }
      expect(Pushable.encode([1])).to eq("[1]")
    end

    it "an as_json that #{name} leaves publish as good as new" do
      3.times { instance_exec(-> { Pushable.publish("all", around(asked.new(&way))) }, &seen) }
      expect(Pushable.publish("all", 1)).to be(true)
      expect(Pushable.deliveries.size).to eq(1)
    end
  end

  # A record whose JSON and channel are what the example says; the others of its transaction are plain ones.
  describe "in a commit" do
    let(:saying) do
      stub_const("Saying", Class.new(Notice) do
        cattr_accessor :saying
        def as_json(*) = saying ? saying.call(self) : super
      end)
    end

    after do
      saying.saying = nil
      Notice.behaviour = nil
    end

    def commit
      ActiveRecord::Base.connection_pool.with_connection do
        Notice.transaction do
          saying.create!(text: "first " * 50, target: "all")
          Animal.create!(name: "Rex " * 50)
        end
      end
    end

    def animals(&) = events(&).select { |event| event.first == "animals" }

    ways.each do |name, (way, seen)|
      %i[as_json channel].each do |place|
        it "#{place} that #{name} hurts neither the row nor the next record" do
          place == :as_json ? saying.saying = ->(_) { way.call } : Notice.behaviour = ->(_) { way.call }
          ActiveRecord::Base.connection_pool.release_connection # there is but one, and a thread may need it
          told = animals do
            name == "raises" ? commit : instance_exec(-> { commit }, &seen)
          end
          expect(told).to eq([%w[animals create]])
          expect(Notice.count).to eq(1)
        end
      end
    end

    it "an as_json that saves, publishes and encodes is told with what it saved" do
      saying.saying = lambda do |notice|
        next { "id" => notice.id } unless notice.text.start_with?("first")

        Member.transaction { Member.create!(name: "within", family_id: 1).update!(name: "within " * 50) }
        Pushable.publish("within", { list: ["y" * 5000] })
        { "id" => notice.id, "inner" => Pushable.encode([Animal.all, "z" * 5000]) }
      end
      heard = pushes { commit }
      expect(heard.map { |message| message["channel"] })
        .to include("/sync/all", "/sync/animals", "/sync/family_1_members", "/sync/within")
      inner = heard.find { |message| message["channel"] == "/sync/all" }["data"]["object"]["inner"]
      expect(JSON.parse(inner).last).to eq("z" * 5000)
    end

    it "a column that cannot be encoded goes out as partial" do
      notice = Notice.create!(text: "a", target: "all")
      heard = pushes { notice.update!(picture: "\xFF" * 500) }
      expect(heard.map { |message| message["data"]["partial"] }).to eq([true, true])
    end

    it "a logger that raises hurts nobody" do
      Pushable.logger = Class.new { def error(*) = raise("no log") }.new
      saying.saying = ->(_) { raise "no JSON" }
      expect(animals { commit }).to eq([%w[animals create]])
    end
  end

  # A child leaves by exit!: what it inherited is none of its business.
  it "an as_json that forks goes on in both" do
    reader, writer = IO.pipe
    parent = Process.pid
    forking = asked.new do
      fork { nil.tap { writer.write(Pushable.encode(["child", "y" * 5000])) && exit!(0) } }
      Process.wait
      ["parent", Process.pid == parent]
    end
    text = Pushable.encode(["x" * 20_000, forking, "after"])
    writer.close
    expect(JSON.parse(text)).to eq(["x" * 20_000, ["parent", true], "after"])
    expect(JSON.parse(reader.read)).to eq(["child", "y" * 5000])
  end

  it "a child that goes on in the middle of a document writes the rest of it" do
    reader, writer = IO.pipe
    child = nil
    forking = asked.new { (child = fork) ? "parent" : "child" }
    text = Pushable.encode(["x" * 20_000, forking, "after"])
    unless child
      writer.write(text)
      exit!(0)
    end
    writer.close
    Process.wait(child)
    expect(JSON.parse(text)[1..]).to eq(%w[parent after])
    expect(JSON.parse(reader.read)[1..]).to eq(%w[child after])
  end

  it "threads that encode and fail at once get each its own" do
    threads = Array.new(4) do |number|
      Thread.new do
        Array.new(20) do |i|
          value = asked.new { sleep(rand / 500) && ((i % 3).zero? ? raise("no") : "#{number} #{i}" * 100) }
          JSON.parse(Pushable.encode([number, value]))
        rescue RuntimeError
          [number, nil]
        end
      end
    end
    threads.each.with_index do |thread, number|
      expect(thread.value).to eq(Array.new(20) { |i| [number, ((i % 3).zero? ? nil : "#{number} #{i}" * 100)] })
    end
  end
end
