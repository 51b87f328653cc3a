# frozen_string_literal: true

require "support/fidelity"
require "support/ruby_process"
require "timeout"

# What an application's own methods may do while a document is written: answer oddly, change what is being walked,
# leave by an exception or a throw, fork, or save records of their own.
RSpec.describe "Fidelity under hostile methods", :fidelity do
  # An object of a class of its own, with these methods.
  def self.object(parent = Object, *arguments, &body) = Class.new(parent, &body).new(*arguments)
  def object(...) = self.class.object(...)

  # An object whose as_json does this and answers 1.
  def doing(&deed)
    object { define_method(:as_json) { |*| deed.call.then { 1 } } }
  end

  def with_as_json(value, &answer) = value.tap { |one| one.define_singleton_method(:as_json, &answer) }

  describe "a value's own as_json" do
    {
      "of a String" => -> { +"text" }, "of a String in Latin-1" => -> { "ü".encode("ISO-8859-1") },
      "of a Hash" => -> { { "a" => 1 } }, "of an Array" => -> { [1, 2] }, "of a Time" => -> { Time.utc(2024) },
      "of a time in a zone" => -> { Time.utc(2024).in_time_zone("UTC") }, "of a Date" => -> { Date.new(2024) },
      "of a Range" => -> { (1..2).dup }, "of a Struct" => -> { Struct.new(:a).new(1) },
      "of an object" => -> { Object.new }, "of a Set" => -> { Set[1] }
    }.each do |what, make|
      it what do
        ["own", 5, nil, { "a" => [1] }, [nil, "b"]].each do |answer|
          value = with_as_json(make.call) { |*| answer }
          [[value], { "key" => value }, [[value]]].each { |document| expect_faithful(document) }
          expect_faithful([make.call]) # the next one is Rails' again
        end
      end
    end

    it "in a module that a value is extended with" do
      shouting = Module.new { def as_json(*) = super.to_s.upcase }
      [+"text", { "a" => 1 }, [1], Time.utc(2024).in_time_zone("UTC")].each do |value|
        expect_faithful([value.extend(shouting)])
      end
    end

    it "that is no as_json: a singleton with other methods" do
      [+"text", { "a" => 1 }, [1, "b"]].each do |value|
        value.define_singleton_method(:other) { 1 }
        expect_faithful([value])
      end
    end

    it "in a column", :pushing do
      expect_faithful { Specimen.new(json: with_as_json({ "a" => 1 }) { |*| "own" }) }
      expect_faithful { Specimen.new(datetime: Time.utc(2024)).tap { |one| with_as_json(one.datetime) { |*| "own" } } }
    end
  end

  describe "an object" do
    {
      "of plain variables" => object do
        def initialize
          (@a = 1
           @b = { c: Time.utc(2024) })
        end
      end,
      "without any" => object, "with to_h, which is not asked" => object { def to_h = { a: 1 } },
      "with to_hash" => object { def to_hash = { a: Time.utc(2024), "b" => [:c] } },
      "with to_hash that is a Hash of its own class" => object { def to_hash = { a: 1 }.with_indifferent_access },
      "with to_a and each" => object { include Enumerable; def each = yield(:a) }, # rubocop:disable Style/Semicolon

      "with to_s, which is not asked" => object { def to_s = "text" },
      "with to_json, which is not asked" => object { def to_json(*) = "[1]" },
      "whose as_json is itself" => object do
        def as_json(*) = self

        def to_s
          "itself"
        end
      end,
      "whose as_json is itself, with to_json" => object do
        def as_json(*) = self

        def to_json(*)
          "[1]"
        end
      end,
      "whose as_json is a symbol" => object { def as_json(*) = :symbol },
      "whose as_json is a large number" => object { def as_json(*) = 2**70 },
      "whose as_json is a float" => object { def as_json(*) = 0.1 },
      "whose as_json has keys that read the same" => object { def as_json(*) = { 1 => 2, 1.0 => 3, "x" => 4 } },
      "whose as_json takes no options" => object { def as_json = { "a" => 1 } },
      "whose as_json wants keywords" => object { def as_json(only: nil, **) = { "only" => only } },
      "of a class that hides its class" => object { def class = String },
      "that says it is every class" => object { def is_a?(_) = true },
      "that equals everything" => object { def ==(_other) = true },
      "that is a list of its own class" => object(Array, [1, [2]]),
      "that is a text of its own class" => object(String, "a"),
      "that is a list with an as_json" => object(Array, [1]) { def as_json(*) = { "list" => to_a } },
      "that is a Hash with an as_json" => object(Hash) { def as_json(*) = ["hash"] },
      "that is a Hash whose as_json is itself" => object(Hash) { def as_json(*) = self },
      "that is a list whose as_json is itself" => object(Array, [1]) { def as_json(*) = self },
      "that is a text with an as_json" => object(String, "a") { def as_json(*) = { "text" => to_s } },
      "that is a number of its own kind" => object(Numeric) { def to_s = "5" },
      "with a to_hash that gives another's" => object { def to_hash = Struct.new(:a).new(1).to_h }
    }.each do |what, value|
      it what do
        [[value], { "key" => value }, [[nil, value, 1]]].each { |document| expect_faithful(document) }
      end
    end

    # Rails' to_json goes on asking; as_json alone leaves an object there, and JSON.generate its to_s.
    it "whose as_json is another object is asked on, as to_json does" do
      chain = Class.new(Struct.new(:left)) { def as_json(*) = left.zero? ? { "end" => 1 } : self.class.new(left - 1) }
      [1, 2].each do |turns|
        expect(JSON.parse(Pushable.encode([chain.new(turns)]))).to eq(JSON.parse([chain.new(turns)].to_json))
      end
      # Rails 8.1 takes a longer chain for one without end.
      [9, 50, 99].each { |turns| expect(Pushable.encode([chain.new(turns)])).to eq('[{"end":1}]') }
    end

    {
      "another object" => object { def as_json(*) = self.class.new },
      "a list with another" => object { def as_json(*) = [self.class.new] },
      "a Hash with another" => object { def as_json(*) = { "a" => self.class.new } },
      "a list with itself" => object { def as_json(*) = [self] }
    }.each do |what, value|
      it "whose as_json is #{what}, without end" do
        expect { Pushable.encode([value]) }.to raise_error(Pushable::NestingError)
        expect(Pushable.encode([1])).to eq("[1]")
      end
    end

    it "whose as_json is an extended Hash or list, each time anew" do
      endless = Module.new
      endless.define_method(:as_json) { |*| dup.extend(endless) }
      [{}, []].each do |value|
        expect { Pushable.encode([value.extend(endless)]) }.to raise_error(Pushable::NestingError)
      end
    end

    it "whose to_hash is itself ends the stack as in Rails" do
      expect_refused([object { def to_hash = self }], with: SystemStackError, rails: SystemStackError)
    end

    it "that holds itself is refused before the stack ends" do
      value = object { def initialize = @own = self }
      expect_refused([value], with: Pushable::NestingError, rails: SystemStackError)
    end

    it "that knows no as_json at all" do
      expect_refused([BasicObject.new], with: NoMethodError, rails: NoMethodError)
    end
  end

  describe "a Hash that an as_json changes while it is walked" do
    changes = {
      "a key is added" => ->(hash) { hash["c"] = 1 }, "a key is added as a symbol" => ->(hash) { hash[:b] = 1 },
      "a later key is deleted" => ->(hash) { hash.delete("b") }, "an earlier key is deleted" => :shift.to_proc,
      "a later value is changed" => ->(hash) { hash["b"] = 3 }, "it is cleared" => :clear.to_proc,
      "it is replaced" => ->(hash) { hash.replace("z" => 1) }, "it is rehashed" => :rehash.to_proc,
      "it is made to compare by identity" => :compare_by_identity.to_proc, "it is frozen" => :freeze.to_proc
    }
    { "with texts as keys" => "a", "with a symbol, too" => :a, "with a number, too" => 1 }.each do |keys, first|
      changes.each do |what, change|
        it "#{keys}: #{what}" do
          make = lambda do
            {}.tap do |hash|
              hash[first] = doing { change.call(hash) }
              hash["b"] = 2
              hash["d"] = [4]
            end
          end
          ours, theirs = [-> { Pushable.encode(make.call) }, -> { JSON.generate(make.call.as_json) }].map do |encode|
            JSON.parse(encode.call)
          rescue RuntimeError => e
            e.message
          end
          expect(ours).to eq(theirs)
        end
      end
    end

    it "asks a value whose key a later one takes the place of, too" do
      asked = []
      expect_faithful({ a: doing { asked << 1 }, "a" => doing { asked << 2 } })
      expect(asked).to eq([1, 2, 1, 2]) # by both
    end
  end

  describe "a list that an as_json changes while it is walked" do
    { "grows" => ->(list) { list << 9 }, "shrinks" => :pop.to_proc, "is cleared" => :clear.to_proc,
      "loses its first" => :shift.to_proc, "gains a first" => ->(list) { list.size < 9 ? list.unshift(0) : list },
      "is replaced" => ->(list) { list.replace([7, 8, 9, 10, 11]) } }.each do |what, change|
      it what do
        make = -> { [].tap { |list| list.push(doing { change.call(list) }, 2, "three") } }
        expect(JSON.parse(Pushable.encode(make.call))).to eq(JSON.parse(JSON.generate(make.call.as_json)))
      end
    end
  end

  describe "an as_json that leaves" do
    before { stub_const("Left", Class.new(StandardError)) }

    it "by an exception, wherever it stands" do
      raising = doing { raise Left, "gone" }
      [raising, [1, raising], { "a" => [raising] }, { a: raising, "a" => 1 }, { raising => 1, "b" => raising }]
        .each { |value| expect_refused(value, with: Left, rails: Left) }
      [NotImplementedError, Interrupt, SystemExit, NoMemoryError, Exception].each do |error|
        expect { Pushable.encode([doing { raise error }]) }.to raise_error(error)
      end
      expect(Pushable.encode({ "a" => 1 })).to eq('{"a":1}')
    end

    it "by throw" do
      expect(catch(:out) { Pushable.encode([doing { throw :out, 1 }]) }).to eq(1)
      expect(Pushable.encode([1])).to eq("[1]")
    end

    it "because its time is over" do
      expect { Timeout.timeout(0.05) { Pushable.encode([doing { sleep }]) } }.to raise_error(Timeout::Error)
      expect(Pushable.encode([1])).to eq("[1]")
    end

    it "in a fiber that is never resumed" do
      fiber = Fiber.new { Pushable.encode([doing { Fiber.yield(:inside) }]) }
      expect(fiber.resume).to eq(:inside)
      expect(Pushable.encode([[1]])).to eq("[[1]]")
      fiber.resume
    end

    it "in a thread that is killed" do
      thread = Thread.new { Pushable.encode([doing { sleep }]) }
      Thread.pass until thread.stop?
      thread.kill.join
      expect(Pushable.encode([[1]])).to eq("[[1]]")
    end

    it "for another thread, which writes a document of its own" do
      inside = doing { Thread.new { expect(Pushable.encode([[2]])).to eq("[[2]]") }.join }
      expect(Pushable.encode([0, inside, 3])).to eq("[0,1,3]")
    end

    it "by a fork: both processes finish their document" do
      result = RubyProcess.run(<<~RUBY)
        require "pushable"
        forking = Object.new
        def forking.as_json(*) = fork ? 1 : 2
        text = Pushable.encode(["before", forking, "after"])
        Process.waitall
        puts text
      RUBY
      expect(result.output.lines(chomp: true)).to contain_exactly('["before",1,"after"]', '["before",2,"after"]')
    end
  end

  describe "an as_json that writes documents itself", :pushing do
    it "of the same value, to some depth" do
      nested = Class.new(Struct.new(:left)) do
        def as_json(*)
          left.zero? ? 0 : Pushable.encode([self.class.new(left - 1)])
        end
      end
      expect_faithful([nested.new(5)])
    end

    it "of a record that is saved and pushed meanwhile" do
      klass = model("members") { def name = super.tap { Member.create!(name: "inner", family_id: 3) } }
      record = klass.create!(name: "outer")
      messages = pushes { expect(JSON.parse(Pushable.encode(record))).to include("name" => "outer") }
      expect(messages.map { |message| message["data"]["object"]["name"] }).to eq(["inner"])
    end

    it "of the record itself, which it saves" do
      klass = model("members") { def as_json(*) = super.tap { update_columns(age: age + 1) } }
      record = klass.create!(name: "a", age: 1)
      expect(JSON.parse(Pushable.encode(record))).to include("age" => 1)
      expect(record.reload.age).to eq(2)
    end

    it "within a push, which goes on" do
      klass = model("members") do
        push create: :collections
        def as_json(*)
          super.merge("size" => Pushable.encode([id]).size, "inner" => Member.create!(name: "inner").name)
        end
      end
      messages = pushes { klass.create!(name: "outer") }
      expect(messages.map { |message| message["data"]["object"]["name"] }).to contain_exactly("inner", "outer")
    end
  end
end
