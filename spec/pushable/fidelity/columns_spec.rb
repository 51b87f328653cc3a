# frozen_string_literal: true

require "support/fidelity"

# A column of every type that a database has, with what stands in such columns, in the states that a record takes on
# between `new` and `find`. A value in SQL is one that the database is given past Rails.
RSpec.describe "Fidelity of column types", :pushing, :fidelity do
  def self.sql(text) = Arel.sql(text)

  def insert(klass, literal)
    klass.connection.execute("INSERT INTO #{klass.table_name} (content) VALUES (#{literal})")
    klass.last.id
  end

  def states_of(klass, value)
    return in_every_state(klass, :content, value) unless value.is_a?(Arel::Nodes::SqlLiteral)

    in_every_loaded_state(klass, :content, insert(klass, value))
  end

  def self.columns(**metadata, &table)
    table.call.each do |name, (type, *values)|
      type, options = type
      it "of #{name}", **metadata do
        klass = sample(type, **options.to_h)
        [*values, nil].each do |value|
          states_of(klass, value).each do |state, make|
            aggregate_failures("#{value.inspect} #{state}") { expect_faithful(&make) }
          end
        end
      end
    end
  end

  columns do
    { "strings" => [:string, "Ann", "", "äöü€😀", %("quoted" 'twice' \\ / back), "a\nb\tc\u0001\u007f", "<b>&amp;</b>",
                    "\u2028\u2029", "null", "2024-01-01"],
      "strings with a limit" => [[:string, { limit: 20 }], "twenty is the limit."],
      "strings with a default" => [[:string, { default: "given" }], "other"],
      "texts" => [:text, "long " * 5000, "", "ü" * 3000],
      "integers" => [:integer, 0, 1, -1, 42, (2**31) - 1, -(2**31), "17", 3.9, true],
      "small integers" => [[:integer, { limit: 2 }], 7, -32_768],
      "big integers" => [:bigint, (2**53) + 1, 2**62, (2**63) - 1, -(2**63)],
      "floats" => [:float, 0.1, 1.0, -0.0, 98.6, 1e-5, 1e15, 1e20, 1.0 / 3, "2.50", 7],
      "decimals" => [[:decimal, { precision: 20, scale: 4 }], "12.3400".to_d, "0.0001".to_d, "-0".to_d, "1e15".to_d,
                     "9.99999".to_d, 12, 0.1, "7.5"],
      "whole decimals" => [[:decimal, { precision: 20, scale: 0 }], 12, "12.5".to_d, "1e19"],
      "decimals without a precision" => [:decimal, "1234".to_d, "0.5".to_d],
      "booleans" => [:boolean, true, false, "f", 1],
      "dates" => [:date, Date.new(2024, 2, 29), Date.new(1, 1, 1), Date.new(9999, 12, 31), "2024-03-04"],
      "times of day" => [:time, Time.utc(2000, 1, 1, 10, 11, 12), "23:59:59", Time.utc(2024, 7, 8, 1, 2, 3)],
      "binary that is text" => [:binary, "abc", "", "a\nb"] }
  end

  columns do
    instants = [Time.utc(2024, 2, 29, 1, 2, 3, 456_789), Time.utc(1970), Time.utc(1969, 12, 31, 23, 59, 59.9994r),
                Time.utc(1001, 1, 1), Time.utc(9999, 12, 31, 23, 59, 59.999999r),
                Time.new(2024, 7, 1, 2, 3, 4, "+05:30"),
                Time.find_zone!("Asia/Tokyo").local(2024, 5, 6, 7, 8, 9), DateTime.new(2024, 1, 2, 3, 4, 5.678r),
                Date.new(2024, 3, 4), "2024-05-06 07:08:09", "2024-05-06T07:08:09+02:00", "no time"]
    { "datetimes to the microsecond" => [[:datetime, { precision: 6 }], *instants],
      "datetimes to the millisecond" => [[:datetime, { precision: 3 }], *instants],
      "datetimes to the second" => [[:datetime, { precision: 0 }], *instants],
      "datetimes as the database likes them" => [[:datetime, { precision: nil }], *instants],
      "times of day to the microsecond" => [[:time, { precision: 6 }], Time.utc(2000, 1, 1, 1, 2, 3.456789r)] }
  end

  describe "JSON" do
    values = [{ "a" => [1, 1.5, nil, true, { "b" => "ü" }] }, [], {}, [1, "2"], "text", 5, 1.0, true, false,
              { "at" => "2024-01-01T00:00:00.000Z", "" => nil }]

    it "of every form" do
      klass = sample(:json) { attribute :content, :json } # MariaDB has text there
      [*values, nil].each do |value|
        in_every_state(klass, :content, value).each do |state, make|
          aggregate_failures("#{value.inspect} #{state}") { expect_faithful(&make) }
        end
      end
    end

    it "that is given as what is not JSON yet" do
      klass = sample(:json) { attribute :content, :json }
      [{ at: Time.utc(2024), sum: "1.5".to_d, name: :symbol }, Date.new(2024), 1..3].each do |value|
        in_every_state(klass, :content, value).each do |state, make|
          aggregate_failures("#{value.inspect} #{state}") { expect_faithful(&make) }
        end
      end
    end
  end

  it "of binary that is no text: neither has a way to say it" do
    klass = sample(:binary)
    ["\xFF\xD8\xFF".b, "\x00\xFF".b].each do |bytes|
      in_every_state(klass, :content, bytes).except("emptied").each_value do |make|
        expect_refused(make.call)
      end
    end
  end

  describe "on SQLite, which keeps what it is given" do
    columns(databases: [:sqlite]) do
      { "strings" => [:string, sql("5"), sql("1.5"), sql("x'4142'")],
        "integers" => [:integer, sql("'12'"), sql("'twelve'"), sql("1.5"), sql("'1e3'"), sql("9223372036854775807")],
        "floats" => [:float, sql("3"), sql("'3.5'"), sql("9e999"), sql("-9e999"), sql("'NaN'"), sql("1e308")],
        "decimals" => [[:decimal, { precision: 10, scale: 2 }], sql("1"), sql("1.5"), sql("'1.50'"), sql("1.239"),
                       sql("'x'"), sql("123456789012345678"), sql("0.1")],
        "whole decimals" => [[:decimal, { precision: 10, scale: 0 }], sql("7"), sql("7.6"), sql("'8.5'")],
        "decimals without a precision" => [:decimal, sql("1"), sql("1.5"), sql("0.1"), sql("1e30"), sql("'1e-30'")],
        "booleans" => [:boolean, sql("'t'"), sql("'f'"), sql("2"), sql("0"), sql("'foo'"), sql("''"), sql("0.0")],
        "dates" => [:date, sql("'2024-1-2'"), sql("'2024-01-02 03:04:05'"), sql("'never'"), sql("20240102"), sql("''")],
        "datetimes" => [:datetime, sql("'2024-01-02 03:04:05'"), sql("'2024-01-02 03:04:05.1'"),
                        sql("'2024-01-02 03:04:05.123456789'"), sql("'2024-01-02T03:04:05Z'"),
                        sql("'2024-01-02 03:04:05 +0200'"), sql("'2024-01-02'"), sql("'2024-02-30 00:00:00'"),
                        sql("'-0044-03-15 00:00:00'"), sql("'12024-01-02 03:04:05'"), sql("'24:00'"), sql("''"),
                        sql("1704164645"), sql("CURRENT_TIMESTAMP")],
        "times of day" => [:time, sql("'10:11:12'"), sql("'2000-01-01 10:11:12.5'"), sql("'25:00'"),
                           sql("'2024-06-07 10:11:12'")],
        "JSON" => [:json, sql("'{\"a\": 1, \"a\": 2}'"), sql("'[1'"), sql("''"), sql("'5'"), sql("5"), sql("'null'")],
        "numerics" => [:numeric, sql("1"), sql("1.5"), "2.5".to_d],
        "blobs" => [:blob, "abc", sql("'text'"), sql("5")],
        "a type that it does not know" => ["whatever", "a", 5, sql("1.5"), sql("'x'")],
        "no type at all" => ["", "a", 5, sql("1.5"), sql("'x'")] }
    end

    it "of columns that it computes", databases: [:sqlite], rails: ">= 7.2" do
      klass = sample(:integer)
      klass.connection.add_column(klass.table_name, :double, :virtual, type: :integer, as: "content * 2", stored: false)
      klass.reset_column_information
      klass.create!(content: 4)
      expect_faithful { klass.last }
      expect(klass.last.as_json).to include("double" => 8)
    end
  end

  describe "on PostgreSQL" do
    before { %w[hstore citext].each { |name| ActiveRecord::Base.connection.enable_extension(name) } }

    columns(databases: [:postgresql]) do
      { "smallints and reals" => ["smallint", 1, -5], "reals" => ["real", 0.1, 1e20, sql("'NaN'")],
        "double precision" => ["double precision", 0.1, Float::NAN, Float::INFINITY, -Float::INFINITY,
                               sql("'Infinity'"), sql("'1e-300'")],
        "numerics" => ["numeric", "1.50".to_d, 10**30, sql("'NaN'"), sql("'1e-20'"), sql("1.10"), sql("100")],
        "numerics with a scale" => ["numeric(30,10)", "1.5".to_d, sql("1.1"), sql("'NaN'")],
        "fixed characters" => ["char(5)", "ab", "abcde"], "case-insensitive text" => [:citext, "Ann"],
        "UUIDs" => [:uuid, "0b7c3a36-9d6c-4d0a-8f58-1c7d1f1a2b3c", "{0B7C3A36-9D6C-4D0A-8F58-1C7D1F1A2B3C}", "none"],
        "JSON" => [:json, { "a" => [1, nil] }, "text", sql("'{\"a\": 1.0, \"b\": 1e400}'"), sql("'null'"), sql("'5'")],
        "binary JSON" => [:jsonb, { "a" => [1, nil, { "b" => 1.5 }] }, [], "t", 7,
                          sql("'{\"a\": 12345678901234567890}'")],
        "hstore" => [:hstore, { "a" => "1", "b" => nil }, {}, { sym: 5 }, sql(%('"a b"=>"c\\"d", e=>NULL'))],
        "addresses" => [:inet, "10.0.0.1", "10.0.0.0/24", "::1", "fe80::/10", IPAddr.new("192.168.1.0/28"), "none"],
        "networks" => [:cidr, "10.0.0.0/8", "2001:db8::/32", IPAddr.new("10.1.0.0/16")],
        "hardware addresses" => [:macaddr, "08:00:2b:01:02:03", "08-00-2B-01-02-03"],
        "intervals" => [:interval, 90.minutes, 1.5.seconds, 3.months, "P1Y2M3DT4H", sql("'-1 year 2 days'")],
        "bytes" => [:binary, "abc", sql("'\\x4142'"), "it's \\ ok"],
        "money" => [:money, "1234.50".to_d, 5, sql("'-0.01'"), sql("12345678.9")],
        "datetimes with a zone" => [:timestamptz, Time.utc(2024, 2, 29, 1, 2, 3, 456_789), "2024-05-06 07:08:09",
                                    sql("'2024-01-02 03:04:05+02'"), sql("'infinity'"), sql("'-infinity'"),
                                    sql("'0044-03-15 12:00:00+00 BC'"), sql("'12024-01-02 03:04:05+00'")],
        "datetimes without end" => [:datetime, Float::INFINITY, -Float::INFINITY, sql("'infinity'"),
                                    sql("'-infinity'"), sql("'0044-03-15 12:00:00 BC'"),
                                    sql("'0001-12-31 00:00:00.5 BC'"), sql("'12024-01-02 03:04:05'")],
        "dates without end" => [:date, Float::INFINITY, sql("'infinity'"), sql("'-infinity'"), sql("'0044-03-15 BC'"),
                                sql("'12024-01-02'")],
        "bits" => [[:bit, { limit: 4 }], "0101", sql("B'1111'")], "varying bits" => [:bit_varying, "01", "1" * 40],
        "XML" => [:xml, "<a>b</a>"], "search vectors" => [:tsvector, sql("to_tsvector('a fat cat')")],
        "object ids" => [:oid, 4_000_000_000], "points" => [:point, [1.5, -2], "3,4", sql("'(5,6)'")],
        "lines" => [:line, "{1,2,3}"], "segments" => [:lseg, "[(1,2),(3,4)]"], "boxes" => [:box, "(3,4),(1,2)"],
        "paths" => [:path, "((1,2),(3,4))"], "polygons" => [:polygon, "((1,2),(3,4))"],
        "circles" => [:circle, "<(1,2),3>"] }
    end

    columns(databases: [:postgresql]) do
      { "integer ranges" => [:int4range, 1..3, 1...3, (1..), (..3), sql("'empty'"), sql("'(1,5)'")],
        "big integer ranges" => [:int8range, (2**40)..(2**41)],
        "numeric ranges" => [:numrange, (BigDecimal("0.5")..BigDecimal("1.5")), sql("'[1,2)'"), sql("'(,)'")],
        "date ranges" => [:daterange, Date.new(2024, 1, 1)..Date.new(2024, 2, 1), sql("'[2024-01-01,)'")],
        "datetime ranges" => [:tsrange, Time.utc(2024)..Time.utc(2025), sql("'[2024-01-01,2024-01-02)'")],
        "zoned ranges" => [:tstzrange, Time.utc(2024)...Time.utc(2025), sql("'[2024-01-01 00:00:00+02,infinity)'")],
        "lists of strings" => [[:string, { array: true }], ["a", nil, "ü", "", %("\\,{})], [],
                               sql("'{NULL,\"NULL\"}'")],
        "lists of integers" => [[:integer, { array: true }], [1, nil, -3], ["4"], [[1, 2], [3, 4]],
                                sql("'[0:1]={1,2}'")],
        "lists of floats" => [[:float, { array: true }], [0.1, 1.0], sql("'{NaN,Infinity}'")],
        "lists of decimals" => [[:decimal, { array: true, precision: 9, scale: 2 }], ["1.10".to_d, 2]],
        "lists of booleans" => [[:boolean, { array: true }], [true, nil, false]],
        "lists of dates" => [[:date, { array: true }], [Date.new(2024), nil], sql("'{infinity,0044-03-15 BC}'")],
        "lists of datetimes" => [[:datetime, { array: true, precision: 6 }], [Time.utc(2024, 1, 2, 3, 4, 5.678r), nil],
                                 ["2024-05-06 07:08:09"], sql("'{infinity,2024-01-01 00:00:00}'")],
        "lists of zoned datetimes" => [[:timestamptz, { array: true }], [Time.utc(2024, 1, 2)]],
        "lists of JSON" => [[:jsonb, { array: true }], [{ "a" => 1 }, nil]],
        "lists of UUIDs" => [[:uuid, { array: true }], ["0b7c3a36-9d6c-4d0a-8f58-1c7d1f1a2b3c"]],
        "lists of addresses" => [[:inet, { array: true }], ["10.0.0.1", "10.0.0.0/8"]],
        "lists of hstores" => [[:hstore, { array: true }], [{ "a" => "b" }]],
        "lists of ranges" => [[:int4range, { array: true }], [1...3]],
        "lists of intervals" => [[:interval, { array: true }], [1.day]] }
    end

    # @param definitions [Hash] name => what CREATE makes of it
    def with_types(definitions)
      connection = ActiveRecord::Base.connection
      definitions.each { |name, definition| connection.execute("CREATE #{definition.sub("?", name)}") }
      yield
    ensure
      definitions.each { |name, definition| connection.execute("DROP #{definition[/\w+/]} #{name} CASCADE") }
    end

    it "of enums and domains", databases: [:postgresql] do
      with_types("mood" => "TYPE ? AS ENUM ('sad', 'happy')", "positive" => "DOMAIN ? AS int CHECK (value > 0)") do
        { "mood" => "happy", "positive" => 7 }.each do |type, value|
          in_every_state(sample(type), :content, value).each_value { |make| expect_faithful(&make) }
        end
      end
    end

    it "of types that Rails does not know", databases: [:postgresql] do
      with_types("pair" => "TYPE ? AS (a int, b text)") do
        { "pair" => "(1,b)", "time with time zone" => "10:11:12+02" }.each do |type, value|
          expect { in_every_state(sample(type), :content, value).each_value { |make| expect_faithful(&make) } }
            .to output(/unknown OID/).to_stderr
        end
      end
    end

    it "of columns that it computes", databases: [:postgresql], rails: ">= 7.0" do
      klass = sample(:integer)
      klass.connection.add_column(klass.table_name, :double, :virtual, type: :integer, as: "content * 2", stored: true)
      klass.reset_column_information
      klass.create!(content: 4)
      expect_faithful { klass.last }
      expect(klass.last.as_json).to include("double" => 8)
    end
  end

  describe "on MariaDB" do
    columns(databases: [:mariadb]) do
      { "tiny integers" => ["tinyint(4)", 5, -128], "booleans as it keeps them" => ["tinyint(1)", true, false, 1],
        "a number in a boolean" => ["tinyint(1)", sql("2"), sql("-1")],
        "medium integers" => ["mediumint", 8_388_607], "unsigned integers" => ["int unsigned", 4_294_967_295],
        "unsigned big integers" => ["bigint unsigned", (2**64) - 1], "years" => ["year", 2024, 1999],
        "single floats" => ["float", 0.1, sql("1e30"), sql("16777217")],
        "doubles" => ["double", 0.1, 1e300, sql("1e-300")],
        "decimals" => ["decimal(30,10)", "1.5".to_d, sql("12345678901234567890.0123456789")],
        "whole decimals" => ["decimal(30)", 5, sql("123456789012345678901234567890")],
        "bits" => ["bit(8)", sql("b'01000001'")], "one bit" => ["bit(1)", sql("b'1'"), sql("b'0'")],
        "characters" => ["char(5)", "ab", "äöü"], "latin text" => ["varchar(20) CHARACTER SET latin1", "äöü"],
        "tiny texts" => %w[tinytext ü], "medium texts" => %w[mediumtext ü], "long texts" => %w[longtext ü],
        "fixed bytes" => ["binary(4)", "abcd", "a"], "bytes" => ["varbinary(9)", "abc"], "blobs" => %w[longblob abc],
        "enums" => ["enum('sad','happy')", "happy"], "sets" => ["set('a','b')", "a,b", sql("''")],
        "timestamps" => ["timestamp(6) NULL", Time.utc(2024, 2, 29, 1, 2, 3.5r), sql("CURRENT_TIMESTAMP(6)")],
        "datetimes" => ["datetime(6)", sql("'1000-01-01 00:00:00'"), sql("'9999-12-31 23:59:59.999999'")],
        "long times" => ["time", sql("'100:00:00'"), sql("'-10:00:00'")],
        "UUIDs" => %w[uuid 0b7c3a36-9d6c-4d0a-8f58-1c7d1f1a2b3c], "addresses" => ["inet6", "::1"],
        "JSON as it keeps it" => [:json, sql("'{\"a\": 1}'")] }
    end

    it "of zero dates", databases: [:mariadb] do
      klass = sample(:datetime)
      klass.connection.execute("SET SESSION sql_mode = ''")
      expect_faithful_of_zero(klass)
    ensure
      klass.connection.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'")
    end

    def expect_faithful_of_zero(klass)
      id = insert(klass, "'0000-00-00 00:00:00'")
      in_every_loaded_state(klass, :content, id).each_value { |make| expect_faithful(&make) }
    end
  end
end
