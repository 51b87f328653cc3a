# frozen_string_literal: true

require "bigdecimal"
require "set"
require "support/torture"

# Every kind of value and every state of a record once more, for bin/test torture: what the JSON is in detail is
# encode_spec.rb's.
RSpec.describe "Encoding, tortured", :pushing, databases: [:sqlite] do
  def ours(value) = JSON.parse(Pushable.encode(value))
  def rails(value) = JSON.parse(JSON.generate(value.as_json))

  point = Struct.new(:x, :y)
  own = Class.new { def as_json(*) = { "z" => "2024", :list => [1.5r, :symbol, "x" * 500] } }
  own_text = Class.new(String)

  {
    "numbers" => [1, -42, 2**62, 2**80, -(2**90), 0.1, 1e20, 5e-324, -0.0, Float::NAN, BigDecimal("1234.50"), 1r / 3],
    "text" => ["", "Ann", "äöü€😀" * 100, %("\\/), (0..31).map(&:chr).join, "x" * 100_000, :symbol,
               own_text.new("a" * 99)],
    "text to be transcoded" => ["aü".encode("UTF-16LE") * 50, "\xFC".dup.force_encoding("ISO-8859-1") * 50],
    "times" => [Time.utc(2024, 2, 29, 12, 13, 14.5r), Time.new(2024, 1, 2, 3, 4, 5, "+05:30"), Date.new(2024, 2, 29),
                DateTime.new(2024, 1, 2, 3, 4, 5.678r), Time.utc(2024).in_time_zone("Asia/Tokyo"), 90.minutes],
    "keys of every kind" => { "a" => 1, :b => 2, 3 => 3, nil => 4, 1.5 => 5, Time.utc(2024) => 6, "ü" * 99 => 7 },
    "keys that read the same" => { "a" => 1, :a => 2, "b" => { 1 => 1, "1" => 2 } },
    "ninety levels" => (1..90).reduce({ "in" => 1 }) { |inner, level| level.odd? ? [inner] : { "k#{level}" => inner } },
    "a wide array" => Array.new(300) { |i| { "number" => i, "text" => "n" * i } },
    "what says itself what it is" => [own.new, point.new(1, own.new), Set[1, :a], (1..3), RuntimeError.new("no"),
                                      ActiveSupport::SafeBuffer.new("<b>"), { a: 1 }.with_indifferent_access]
  }.each do |name, value|
    it("says what as_json says of #{name}") { expect(ours(value)).to eq(rails(value)) }
  end

  it "goes on asking an as_json that answers an object" do
    own_of_own = Class.new { define_method(:as_json) { |*| own.new } }
    expect(ours([own_of_own.new] * 3)).to eq(rails([own.new] * 3))
  end

  describe "of a record" do
    values = { string: "Ann ü" * 20, text: "a\n\"b\"" * 50, integer: -5, bigint: 2**62, float: 0.1,
               decimal: BigDecimal("12.3400"), whole: 12, boolean: true, date: Date.new(2024, 2, 29),
               datetime: Time.utc(2024, 2, 29, 1, 2, 3.4567r), time: Time.utc(2000, 1, 1, 10, 11, 12),
               binary: "abc" * 50, json: { "a" => [1, { "b" => nil }] }, serialized: { "x" => [1.5] }, state: :dried }

    states = {
      "new" => ->(fresh) { fresh },
      "created" => ->(fresh) { fresh.tap(&:save!) },
      "updated" => ->(fresh) { fresh.tap(&:save!).tap { |specimen| specimen.update!(string: "b" * 99) } },
      "loaded" => ->(fresh) { fresh.save! && Specimen.last },
      "loaded and read" => ->(fresh) { fresh.save! && Specimen.last.tap(&:as_json) },
      "half read" => ->(fresh) { fresh.save! && Specimen.last.tap(&:datetime) },
      "assigned" => ->(fresh) { fresh.save! && Specimen.last.tap { |one| one.attributes = { string: nil, float: 1 } } },
      "destroyed" => ->(fresh) { fresh.tap(&:save!).destroy! },
      "partly selected" => ->(fresh) { fresh.save! && Specimen.select(:id, :json, :string).last },
      "with a query's column" => ->(fresh) { fresh.save! && Specimen.select("*, 'more' || string AS extra").last }
    }
    states.each do |state, make|
      it "says what as_json says when #{state}, with and without values" do
        [values, values.transform_values { nil }].each do |attributes|
          specimen = make.call(Specimen.new(attributes))
          expect(ours(specimen)).to eq(rails(specimen))
        end
      end
    end

    it "says what as_json says in another zone" do
      Time.use_zone("America/St_Johns") do
        specimen = Specimen.find(Specimen.create!(values).id)
        expect(ours(specimen)).to eq(rails(specimen))
      end
    end
  end

  describe "of what changes while it is walked" do
    # Runs the block when its JSON is asked for, leaves much to be collected, and collects it.
    def meanwhile(&block)
      Class.new do
        define_method(:as_json) do |*|
          block.call
          Array.new(100) { "x" * 1000 }
          GC.start
          "meanwhile"
        end
      end.new
    end

    it "an array that shrinks gives what is left of it" do
      list = []
      list.push("first" * 10, meanwhile { list.slice!(2..) }, *Array.new(1000) { "rest" * 10 })
      expect(ours(list)).to eq(["first" * 10, "meanwhile"])
    end

    it "an array that grows gives what came to it" do
      list = []
      list.push(meanwhile { list.concat(Array.new(1000) { "more" * 10 }) })
      expect(ours(list)).to eq(["meanwhile"] + (["more" * 10] * 1000))
    end

    it "a hash that is emptied gives JSON, or Ruby refuses the change" do
      hash = {}
      hash.merge!("first" => meanwhile { hash.clear }, "rest" => "rest" * 10)
      text = begin
        Pushable.encode(hash)
      rescue RuntimeError => e
        expect(e.message).to match(/iteration/)
        "{}"
      end
      expect(JSON.parse(text)).to be_a(Hash)
    end

    it "a text that is replaced was written as it was" do
      text = +"before" * 50
      expect(ours([text, meanwhile { text.replace("after" * 50_000) }])).to eq(["before" * 50, "meanwhile"])
    end
  end

  cycle = {}
  cycle["self"] = [cycle]
  {
    "broken text" => [{ address: { lines: ["fine", "\xFF" * 50] } }, Pushable::EncodingError],
    "a broken key" => [{ a: { "\xFF" * 50 => 1 } }, Pushable::EncodingError],
    "text that has no UTF-8" => [["\xFF\xFF\xFF".dup.force_encoding("UTF-16LE") * 9], StandardError],
    "a cycle" => [cycle, Pushable::NestingError],
    "a record with broken text" => [Specimen.new(string: "\xFF" * 50), Pushable::EncodingError]
  }.each do |name, (value, error)|
    it "raises for #{name}, and is as good as new afterwards" do
      expect { Pushable.encode(value) }.to raise_error(error)
      expect(Pushable.encode([1])).to eq("[1]")
    end
  end
end
