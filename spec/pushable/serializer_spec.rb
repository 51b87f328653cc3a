# frozen_string_literal: true

require "spec_helper"
require_relative "../support/pushing"
require_relative "../support/ruby_process"

# How the JSON of a record is made: the options of Pushable.encode, what Pushable.serializer_report says, and what
# becomes of the short cuts when Rails or the application is not as they take it to be.
RSpec.describe "The serializer", :pushing do
  def encoded(value, **options) = JSON.parse(Pushable.encode(value, **options))
  def as_json_of(value, **options) = JSON.parse(JSON.generate(value.as_json(options)))
  def account = Account.create!(email: "ann@example.org", password_digest: "$2a$", ssn: "1")

  describe "options" do
    let(:member) { Member.create!(name: "Ann", age: 7, family: Family.create!(name: "Lee")) }

    it "are those of as_json" do
      [{ only: %i[id name] }, { except: :name }, { methods: :family_id_in_database }, { include: :family },
       { only: :age, methods: %i[changed?], include: { family: { only: :name } } }].each do |options|
        theirs = as_json_of(member, **options)
        theirs["id"] = member.id # without its key no browser can place it
        expect(encoded(member, **options)).to eq(theirs), options.inspect
      end
    end

    it "go for the records of an Array and of a relation" do
      member
      expect(encoded([member], only: :name)).to eq([{ "id" => member.id, "name" => "Ann" }])
      expect(encoded(Member.all, only: :name)).to eq([{ "id" => member.id, "name" => "Ann" }])
    end

    it "go for other values as as_json takes them" do
      expect(encoded({ a: 1, b: 2 }, only: "a")).to eq({ a: 1, b: 2 }.as_json(only: "a"))
    end

    it "name a secret column or leave it out" do
      expect(encoded(account)).not_to include("password_digest", "ssn")
      expect(encoded(account, only: %i[id ssn])).to include("ssn" => "1")
      expect(encoded([account], except: :email).first).not_to include("password_digest", "ssn", "email")
    end

    it "that there are not are named" do
      expect { Pushable.encode(member, onyl: :name) }.to raise_error(ArgumentError, /onyl/)
    end

    it "made up for each call do not pile up" do
      member
      before = ObjectSpace.each_object(Pushable::Shape).count
      500.times { |i| Pushable.encode(member, only: [:name, "x#{i}"]) }
      GC.start
      expect(ObjectSpace.each_object(Pushable::Shape).count - before).to be < 300
    end
  end

  describe "serializer_report" do
    def report_of(klass) = Pushable.serializer_report.fetch(klass.name)

    it "tells which columns are fast, and why others are not" do
      stub_const("Report", Class.new(ActiveRecord::Base) do
        self.table_name = "members"
        enum(:age, { young: 1, old: 2 })
        def name = super&.upcase
      end)
      Pushable.encode(Report.create!(name: "a", age: :old))
      expect(report_of(Report)).to include("id" => nil, "family_id" => nil, "created_at" => nil,
                                           "name" => "its reader is the application's",
                                           "age" => /\Aits type is ActiveRecord::Enum::EnumType/)
    end

    it "tells whose as_json is its own" do
      stub_const("Own", Class.new(ActiveRecord::Base) do
        self.table_name = "members"
        def as_json(*) = { own: id }
      end)
      Pushable.encode(Own.create!)
      expect(report_of(Own)).to eq("its as_json is the application's")
    end

    it "does not know a class of which nothing was serialized" do
      stub_const("Unused", Class.new(ActiveRecord::Base))
      expect(Pushable.serializer_report).not_to have_key("Unused")
    end
  end

  # Each in a process of its own: Rails is changed for good.
  describe "in a Rails that is not as it was" do
    let(:setup) { <<~RUBY }
      require "logger"; require "active_record"; require "pushable"; require "active_support/time"
      Pushable.logger = Logger.new($stdout, formatter: ->(_, _, _, text) { "LOG \#{text}\n" })
      ActiveRecord.default_timezone = :utc if ActiveRecord.respond_to?(:default_timezone=)
      Time.zone = "UTC"
      ActiveRecord::Base.time_zone_aware_attributes = true
      ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: ":memory:")
      ActiveRecord::Schema.verbose = false
      ActiveRecord::Schema.define do
        create_table(:samples) { |t| t.string :name; t.integer :age; t.float :score; t.boolean :on
                                     t.decimal :price, precision: 10, scale: 2; t.date :day; t.timestamps }
      end
      class Sample < ActiveRecord::Base; end
      def sample(i) = Sample.create!(name: "n\#{i}", age: i, score: i / 4.0, on: i.odd?, price: i / 8r, day: "2024-02-2\#{i}")
      def states(i)
        row = sample(i)
        hot = Sample.find(row.id).tap { |one| one.name << "!" }
        dirty = Sample.find(row.id).tap { |one| one.age = 99 }
        [row, Sample.find(row.id), hot, dirty, Sample.find(row.id).tap { |one| one.update!(age: 50) }, Sample.new(age: 3)]
      end
      def check(i)
        states(i).each do |one|
          ours, theirs = JSON.parse(Pushable.encode(one)), JSON.parse(JSON.generate(one.as_json))
          abort "ours \#{ours}\nthey \#{theirs}" unless ours == theirs
        end
      end
    RUBY

    # @return [Array<String>] what was logged
    def logged(before: "", after: "")
      result = RubyProcess.run("#{setup}#{before}\ncheck(1)\n#{after}\ncheck(2)\ncheck(3)\nputs :done")
      expect(result.output).to end_with("done\n"), result.output
      result.output.lines.grep(/\ALOG/)
    end

    it "nothing is logged where all is as it was" do
      expect(logged).to eq([])
    end

    { "a raw value is kept elsewhere" => <<~RUBY,
      class ActiveModel::Attribute
        def self.moved = :@elsewhere
        alias_method :initialize_before, :initialize
        def initialize(*arguments)
          initialize_before(*arguments)
          @elsewhere = remove_instance_variable(:@value_before_type_cast)
        end
        def value_before_type_cast = @elsewhere
      end
    RUBY
      "a cast value is kept elsewhere" => <<~RUBY,
        class ActiveModel::Attribute
          def value
            @elsewhere = type_cast(value_before_type_cast) unless defined?(@elsewhere)
            @elsewhere
          end
          def has_been_read? = defined?(@elsewhere)
        end
      RUBY
      "a set keeps its attributes elsewhere" => <<~RUBY,
        class ActiveModel::AttributeSet
          def initialize(attributes) = @elsewhere = attributes
          def attributes = @elsewhere
          def [](name) = attributes[name] || default_attribute(name)
          def []=(name, value)
            attributes[name] = value
          end
          def write_from_user(name, value) = (attributes[name] = self[name].with_value_from_user(value)) && value
          def write_from_database(name, value) = attributes[name] = self[name].with_value_from_database(value)
          def write_cast_value(name, value) = attributes[name] = self[name].with_cast_value(value)
          def initialize_dup(_) = @elsewhere = @elsewhere.dup
          def deep_dup = self.class.new(attributes.transform_values(&:dup))
        end
        class ActiveModel::AttributeSet::Builder
          def build_from_database(values = {}, additional_types = {})
            values = values.to_h
            ActiveModel::AttributeSet.new(types.to_h { |name, type| [name, ActiveModel::Attribute.from_database(name, values[name], type)] })
          end
        end
      RUBY
      "a lazy set keeps what was cast elsewhere" => <<~RUBY
        class ActiveModel::LazyAttributeSet
          def fetch_value(name, &block)
            if (attribute = @attributes[name]) then return attribute.value(&block) end
            (@elsewhere ||= {}).fetch(name) { @elsewhere[name] = (additional_types[name] || types[name]).deserialize(values[name]) }
          end
          def default_attribute(name, *)
            @attributes[name] = ActiveModel::Attribute.from_database(name, values[name], types[name]).tap do |attribute|
              attribute.instance_variable_set(:@value, @elsewhere[name]) if @elsewhere&.key?(name)
            end
          end
        end
      RUBY
    }.each do |what, change|
      it "writes the truth where #{what}, and says so once" do
        said = what.start_with?("a raw value") ? [] : [/Sample goes by as_json/] # without it there is no short cut
        expect(logged(before: change)).to match_array(said)
      end
    end

    { "a type" => ["class ActiveModel::Type::String; def cast_value(value) = value.to_s.reverse; end", "name"],
      "BigDecimal's as_json" => ["class BigDecimal; def as_json(*) = to_f; end", "price"],
      "Date's as_json" => ["class Date; def as_json(*) = jd; end", "day"],
      "Float's as_json" => ["class Float; def as_json(*) = round; end", "score"] }.each do |what, (change, column)|
      it "writes what #{what} says that somebody has changed, and tells of the column once" do
        lines = logged(before: change)
        expect(lines).to eq(["LOG pushable: Sample##{column} goes by as_json: as_json says otherwise than its " \
                             "#{lines.first.to_s[/its (\w+)/, 1]}\n"])
      end
    end

    it "writes what a time's as_json says that somebody has changed" do
      lines = logged(before: "class ActiveSupport::TimeWithZone; def as_json(*) = to_i; end")
      expect(lines.map { |line| line[/Sample#(\w+)/, 1] }.uniq).to contain_exactly("created_at", "updated_at")
    end

    it "looks again when a column's type is another" do
      another = "Class.new(ActiveModel::Type::String) { def cast_value(_) = 'x' }.new"
      expect(logged(after: "Sample.attribute(:name, #{another})")).to eq([])
    end

    it "asks again with another zone or other settings" do
      expect(logged(after: "Time.zone = 'Tokyo'")).to eq([])
      expect(logged(after: "ActiveSupport::JSON::Encoding.time_precision = 6")).to eq([])
      expect(logged(after: "ActiveSupport::JSON::Encoding.use_standard_json_time_format = false")).to eq([])
    end
  end
end
