# frozen_string_literal: true

require "bigdecimal/util"
require "ipaddr"
require "pathname"
require "set"
require "support/pushing"
require "support/ruby_process"

RSpec.describe "Pushable.encode", :pushing do
  def ours(value) = JSON.parse(Pushable.encode(value))
  def rails(value) = JSON.parse(JSON.generate(value.as_json))

  # Integer 1 and Float 1.0 are equal to Ruby, and -0.0 is to 0.0; here they are not.
  def exactly(value)
    case value
    when Hash then value.transform_values { |inner| exactly(inner) }
    when Array then value.map { |inner| exactly(inner) }
    when Float then [value, 1 / value]
    when Integer then [:integer, value]
    else value
    end
  end

  def expect_same(value)
    expect(exactly(ours([value]))).to eq(exactly(rails([value])))
  end

  point = Struct.new(:x, :y)
  plain = Class.new do
    def initialize = @inner = { at: Time.utc(2024), deep: [BigDecimal("1.5"), nil] }
  end
  hashlike = Class.new { def to_hash = { "a" => [1, { b: :c }] } }
  own = Class.new { def as_json(*) = { z: Time.utc(2024, 1, 2, 3), list: [1.5r, :symbol] } }
  own_of_own = Class.new { define_method(:as_json) { |*| own.new } }
  own_text = Class.new(String)
  tokyo = ActiveSupport::TimeZone["Asia/Tokyo"]
  london = ActiveSupport::TimeZone["Europe/London"]
  new_york = ActiveSupport::TimeZone["America/New_York"]

  {
    "nil" => nil, "true" => true, "false" => false,
    "zero" => 0, "a fixnum" => -42, "a large fixnum" => (2**62) - 1, "a bignum" => 2**80, "a negative one" => -(2**90),
    "a float" => 0.1, "a whole float" => 1.0, "a float of many digits" => 98.600000000000001, "a tiny one" => 1e-5,
    "the smallest" => Float::MIN, "a denormal" => 5e-324, "the largest" => Float::MAX, "1e20" => 1e20, "1e23" => 1e23,
    "1e15" => 1e15, "1e16" => 1e16, "negative zero" => -0.0, "a third" => 1.0 / 3,
    "NaN" => Float::NAN, "infinity" => Float::INFINITY, "minus infinity" => -Float::INFINITY,
    "a decimal" => BigDecimal("1234.50"), "a small decimal" => BigDecimal("0.000000001"),
    "a decimal negative zero" => BigDecimal("-0"), "a decimal NaN" => BigDecimal("NaN"),
    "a decimal infinity" => BigDecimal("Infinity"), "a large decimal" => BigDecimal("1e30"),
    "a rational" => 1r / 3, "a complex" => Complex(1, 2),
    "a string" => "Ann", "an empty one" => "", "umlauts and more" => "äöü€😀", "quotes" => %(a "b" 'c' \\ / d),
    "controls" => (0..31).map(&:chr).join, "delete" => "\x7f", "separators" => "\u2028\u2029",
    "markup" => "<a>&amp;</a>",
    "a NUL" => "a\0b", "latin 1" => "\xFC".dup.force_encoding("ISO-8859-1"), "utf-16" => "aü".encode("UTF-16LE"),
    "us-ascii" => "a".encode("US-ASCII"), "binary ascii" => "abc".b,
    "a frozen long string" => ("x" * 100_000).freeze, "a safe buffer" => ActiveSupport::SafeBuffer.new("<b>"),
    "a string of its own class" => own_text.new("a"), "a symbol" => :symbol, "a symbol with quotes" => :"a \"b\"",
    "a time in UTC" => Time.utc(2024, 2, 29, 12, 13, 14, 567_899),
    "a time elsewhere" => Time.new(2024, 1, 2, 3, 4, 5, "+05:30"),
    "a time at +00:00" => Time.new(2024, 1, 2, 3, 4, 5, "+00:00"),
    "a time before 1970" => Time.utc(1969, 12, 31, 23, 59, 59.9994r),
    "a time in year 9" => Time.utc(9, 1, 1), "a time in a far year" => Time.utc(12_345, 1, 1),
    "Tokyo" => tokyo.local(2024, 5, 6, 7, 8, 9), "London in winter" => london.local(2024, 1, 2),
    "London in summer" => london.local(2024, 7, 2), "New York in 1850" => new_york.local(1850, 1, 1),
    "a zoned time in UTC" => Time.utc(2024).in_time_zone("UTC"), "a date" => Date.new(2024, 2, 29),
    "a datetime" => DateTime.new(2024, 1, 2, 3, 4, 5.678r),
    "a datetime elsewhere" => DateTime.new(2024, 1, 2, 3, 4, 5, "+9"),
    "a duration" => 90.minutes, "a broken duration" => 1.5.seconds,
    "an empty hash" => {}, "an empty array" => [], "nested" => { a: [{ "b" => [nil, { 1 => 2 }] }], "c" => {} },
    "numbers as keys" => { 1 => 1, 1.5 => 2, nil => 3, true => 4 },
    "keys that read the same" => { "a" => 1, :a => 2, "b" => 3 }, "the same the other way" => { a: 1, "a" => 2 },
    "a number and its text" => { 1 => "number", "1" => "text" },
    "a time as key" => { Time.utc(2024) => 1 },
    "a hash of indifferent access" => { a: { b: 1 } }.with_indifferent_access,
    "ninety levels" => (1..90).reduce(1) { |inner, _| [inner] },
    "a range" => (1..3), "a range of letters" => ("a"..."c"),
    "a range of dates" => (Date.new(2024, 1, 1)...Date.new(2024, 1, 3)),
    "an endless range" => (1..), "an address" => IPAddr.new("10.0.0.1"), "a net" => IPAddr.new("10.0.0.0/24"),
    "a path" => Pathname.new("/a/b"), "an address on the web" => URI("http://example.org/?a=b"),
    "an exception" => RuntimeError.new("no"), "a set" => Set.new([1, :a, nil]), "an enumerator" => [1, 2].each,
    "a struct" => point.new(1, Time.utc(2024)), "an object" => plain.new, "an object with to_hash" => hashlike.new,
    "a class" => String, "a module" => Kernel, "a regexp" => /a.b/i,
    "an hour" => Time.utc(2000, 1, 1, 10, 11, 12)
  }.each do |name, value|
    it("says what as_json says of #{name}") { expect_same(value) }
  end

  it "says what as_json says when it is the whole document" do
    [nil, 1, 1.5, "a", :a, Time.utc(2024), BigDecimal("1"), Date.new(2024), {}, []].each do |value|
      expect(exactly(ours(value))).to eq(exactly(rails(value)))
    end
  end

  it "goes on asking an as_json that answers an object, as to_json does" do
    expect(ours(own_of_own.new)).to eq(JSON.parse(own_of_own.new.to_json))
    expect(ours(own_of_own.new)).to eq("z" => "2024-01-02T03:00:00.000Z", "list" => %w[3/2 symbol])
  end

  it "takes binary text that is valid UTF-8 as that" do
    expect(ours(["ü".b])).to eq(["ü"])
  end

  it "gives UTF-8, one line, and nothing that it does not keep a hold of" do
    text = Pushable.encode("ä" => ["\n"])
    expect(text.encoding).to eq(Encoding::UTF_8)
    expect(text).to be_valid_encoding
    expect(text.lines.size).to eq(1)
    expect(text).not_to be_frozen
  end

  it "follows Rails' settings for times" do
    time = Time.utc(2024, 1, 2, 3, 4, 5, 678_901)
    previous = ActiveSupport::JSON::Encoding.time_precision
    [0, 3, 6, 9].each do |digits|
      ActiveSupport::JSON::Encoding.time_precision = digits
      [time, time.in_time_zone(tokyo), time.to_datetime].each { |value| expect_same(value) }
    end
    ActiveSupport::JSON::Encoding.time_precision = previous
    ActiveSupport::JSON::Encoding.use_standard_json_time_format = false
    [time, time.in_time_zone(tokyo), time.to_date, time.to_datetime].each { |value| expect_same(value) }
  ensure
    ActiveSupport::JSON::Encoding.time_precision = previous
    ActiveSupport::JSON::Encoding.use_standard_json_time_format = true
  end

  describe "of a record" do
    let(:attributes) do
      { string: "Ann ü", text: "a\n\"b\"", integer: -5, bigint: 2**62, float: 0.1, decimal: BigDecimal("12.3400"),
        whole: 12, boolean: true, date: Date.new(2024, 2, 29), datetime: Time.utc(2024, 2, 29, 1, 2, 3, 456_789),
        time: Time.utc(2000, 1, 1, 10, 11, 12), binary: "abc", json: { "a" => [1, { "b" => nil }] },
        serialized: { "x" => [1.5] }, state: :dried }
    end
    let(:empty) { attributes.transform_values { nil } }
    let(:filled) { Specimen.create!(attributes) }

    def in_every_state(values)
      saved = Specimen.create!(values)
      updated = Specimen.create!(values).tap { |specimen| specimen.update!(string: "other") }
      { fresh: Specimen.new(values), saved:, updated:, loaded: Specimen.find(saved.id), **in_every_reading(saved),
        reloaded: updated.reload, copy: saved.dup, destroyed: Specimen.create!(values).destroy! }
    end

    def in_every_reading(saved)
      half_read = Specimen.find(saved.id).tap { |specimen| specimen.datetime && specimen.json && specimen.decimal }
      assigned = Specimen.find(saved.id).tap do |specimen|
        specimen.assign_attributes(string: nil, integer: "7", float: 1)
      end
      { half_read:, hot: Specimen.find(saved.id).tap(&:as_json), assigned: }
    end

    it "is as_json's, in every state, with and without values" do
      [attributes, empty].each do |values|
        in_every_state(values).each do |state, specimen|
          expect(exactly(ours(specimen))).to eq(exactly(rails(specimen))), "differs when #{state}"
        end
      end
    end

    it "is as_json's in every zone" do
      filled
      ["UTC", "Europe/London", "Asia/Tokyo", "America/St_Johns"].each do |zone|
        Time.use_zone(zone) do
          in_every_state(attributes).each do |state, specimen|
            expect(ours(specimen)).to eq(rails(specimen)), "differs in #{zone} when #{state}"
          end
        end
      end
    end

    # The others turn what they are given into the column's type, or refuse it.
    it "is as_json's of values that the database gave in another shape", databases: [:sqlite] do
      Specimen.connection.execute(<<~SQL)
        INSERT INTO specimens (string, integer, float, decimal, whole, boolean, date, datetime, json)
        VALUES (5, '12', 3, '1.50', 7.6, 'f', '2024-1-2', '2024-01-02 03:04:05', '"text"')
      SQL
      expect(ours(Specimen.last)).to eq(rails(Specimen.last))
    end

    it "is as_json's of values changed in place" do
      filled.json["a"] << 2
      filled.string << " more"
      expect(ours(filled)).to eq(rails(filled))
      expect(ours(filled)["json"]).to eq("a" => [1, { "b" => nil }, 2])
    end

    it "is as_json's of what a query left out or added" do
      filled
      [Specimen.select(:id, :string), Specimen.select("id, specimens.integer * 2 AS twice"),
       Specimen.select("1 AS string")]
        .each { |query| expect(ours(query.first)).to eq(rails(query.first)) }
    end

    it "is as_json's within something else" do
      expect(ours({ list: [filled], page: 1 })).to eq(rails({ list: [filled], page: 1 }))
      expect(ours(Specimen.all)).to eq(rails(Specimen.all))
    end
  end

  describe "of what is impossible" do
    cycle = {}
    cycle["self"] = [cycle]
    {
      "text that is no UTF-8" => ["\xFF", Pushable::EncodingError, /String/],
      "text cut short" => ["a\xC3", Pushable::EncodingError, /String/],
      "an overlong form" => ["\xC0\x80", Pushable::EncodingError, /String/],
      "a surrogate" => ["\xED\xA0\x80", Pushable::EncodingError, /String/],
      "binary that is no UTF-8" => [{ file: "\xFF".b }, Pushable::EncodingError, /file/],
      "text within" => [{ address: { lines: ["fine", "\xFF"] } }, Pushable::EncodingError, /address\.lines\[1\]/],
      "a key" => [{ a: { "\xFF" => 1 } }, Pushable::EncodingError, /a/],
      "a cycle" => [cycle, Pushable::NestingError, /self/],
      "too deep" => [(1..101).reduce(1) { |inner, _| [inner] }, Pushable::NestingError, /Array/]
    }.each do |name, (value, error, words)|
      it "raises a Pushable::Error that names the place: #{name}" do
        expect { Pushable.encode(value) }.to raise_error(error, words)
        expect(error.ancestors).to include(Pushable::Error)
      end
    end

    it "names class and column of a record" do
      expect { Pushable.encode(Specimen.new(string: "\xFF")) }
        .to raise_error(Pushable::EncodingError, /Specimen\.string/)
    end

    it "lets through what an as_json raises or throws, and is as good as new afterwards" do
      raising = Class.new { def as_json(*) = raise(KeyError, "no") }
      throwing = Class.new { def as_json(*) = throw(:out, 1) }
      expect { Pushable.encode({ a: raising.new }) }.to raise_error(KeyError, "no")
      expect(catch(:out) { Pushable.encode([throwing.new]) }).to eq(1)
      expect(Pushable.encode([1])).to eq("[1]")
    end

    it "an as_json that encodes something itself disturbs nothing" do
      nested = Class.new { def as_json(*) = Pushable.encode({ "inner" => [1] }) }
      expect(Pushable.encode(["before", nested.new, "after"])).to eq(%(["before","{\\"inner\\":[1]}","after"]))
    end
  end

  it "stands a collector that runs at every allocation" do
    result = RubyProcess.run(<<~RUBY) # a process of its own has few objects to look through each time
      require "pushable"
      require "bigdecimal"
      values = [{ a: [1, 2**80, 0.1, "ü" * 50, :b, { "c" => nil, 1 => Time.utc(2024) }] }, Struct.new(:x).new([1r]),
                "x".encode("UTF-16LE"), { "a" => 1, a: BigDecimal("1.5") }]
      values.each { |value| Pushable.encode(value) }
      GC.stress = true
      texts = values.map { |value| Pushable.encode(value) }
      GC.stress = false
      p texts.map { |text| JSON.parse(text) } == values.map { |value| JSON.parse(JSON.generate(value.as_json)) }
    RUBY
    expect(result.output).to eq("true\n")
  end

  it "a collector that runs and moves things between write and commit changes nothing" do
    member = Member.create!(name: "Ann", family_id: 1)
    messages = pushes do
      Member.transaction do
        Member.find(member.id).update!(family_id: 2, name: "Bea")
        GC.start
        GC.compact
        Array.new(10_000) { "x" * 50 }
      end
    end
    expect(messages.map { |message| message["data"]["event"] }).to contain_exactly("destroy", "create", "update")
    expect(messages.filter_map { |message| message["data"]["object"]["name"] }).to eq(%w[Bea Bea])
  end
end
