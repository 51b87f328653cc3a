# frozen_string_literal: true

require "support/fidelity"

# What a model's class, or one record of it, may do about its JSON.
RSpec.describe "Fidelity of models", :pushing, :fidelity do
  # A record of a class on the table `members`, built, created, updated and loaded.
  def expect_faithful_members(klass, without: [], **values)
    values = { name: "Ann", age: 3, **values }
    [-> { klass.new(values) }, -> { klass.create!(values) }, -> { klass.create!(values) && klass.last },
     -> { klass.create!(values).tap { |record| record.update!(name: "Bea") } },
     -> { klass.create!(values).tap { |record| record.name = nil } }].each { |make| expect_faithful(without:, &make) }
  end

  def expect_faithful_samples(klass, *values)
    values.each do |value|
      in_every_state(klass, :content, value).each do |state, make|
        aggregate_failures("#{value.inspect} #{state}") { expect_faithful(&make) }
      end
    end
  end

  def members(&) = model("members", &)

  describe "an enum" do
    { "of integers" => [:integer, { low: 0, high: 1 }, [:low, "high", 1, nil]],
      "of texts" => [:string, { low: "l", high: "h" }, [:low, "high", "l", nil]],
      "of booleans" => [:boolean, { low: false, high: true },
                        [:low, "high", nil]] }.each do |what, (type, values, given)|
      it(what) { expect_faithful_samples(sample(type) { enum :content, values }, *given) }
    end

    it "with a value that it does not know" do
      klass = sample(:integer) { enum :content, { low: 0, high: 1 } }
      klass.connection.execute("INSERT INTO #{klass.table_name} (content) VALUES (7)")
      in_every_loaded_state(klass, :content, klass.last.id).each_value { |make| expect_faithful(&make) }
    end

    it "with a default and a prefix", rails: ">= 7.0" do
      klass = sample(:integer) { enum :content, { low: 0, high: 1 }, default: :high, prefix: true }
      expect_faithful { klass.new }
      expect_faithful { klass.create!.tap(&:content_low!) }
    end
  end

  describe "serialize" do
    it "as JSON" do
      klass = sample(:text) { serialize :content, coder: JSON }
      expect_faithful_samples(klass, { "a" => [1, nil] }, [], "text", nil)
    end

    it "as YAML", rails: ">= 7.1" do
      klass = sample(:text) { serialize :content, coder: YAML }
      expect_faithful_samples(klass, { "a" => [1, 2.5] }, ["b", nil], "text", nil)
    end

    it "by a coder of the application's own" do
      coder = Module.new do
        def self.dump(value) = value&.join(",")
        def self.load(text) = text ? text.split(",").map(&:to_sym) : []
      end
      expect_faithful_samples(sample(:text) { serialize :content, coder: }, %i[a b], [], nil)
    end

    it "to an object with an as_json of its own" do
      money = Struct.new(:cents) { def as_json(*) = { "amount" => BigDecimal(cents) / 100 } }
      coder = Module.new
      coder.define_singleton_method(:dump) { |value| value&.cents&.to_s }
      coder.define_singleton_method(:load) { |text| text && money.new(text.to_i) }
      klass = sample(:text) { serialize :content, coder: }
      in_every_state(klass, :content, money.new(1250)).each_value do |make|
        record = make.call
        expect(JSON.parse(Pushable.encode(record))).to eq(JSON.parse(record.to_json))
      end
    end

    it "with accessors" do
      klass = sample(:text) { store :content, accessors: %i[colour size], coder: JSON }
      expect_faithful { klass.new(colour: "red") }
      expect_faithful { klass.create!(colour: "red", size: 4).tap { |record| record.update!(size: 5) } }
      expect_faithful { klass.find(klass.create!(size: 4).id) }
      expect_faithful { klass.new }
    end

    it "within JSON with accessors" do
      klass = sample(:json) do
        attribute :content, :json
        store_accessor :content, :colour, prefix: true
        def colour = "no column"
      end
      expect_faithful { klass.new(content_colour: "red") }
      expect_faithful { klass.create!(content_colour: "red").tap { |record| record.content_colour = nil } }
      expect_faithful { klass.create!(content: { "a" => 1 }).tap { |record| record.update!(content_colour: "red") } }
    end
  end

  describe "a type of the application's own" do
    it "that changes what it reads" do
      type = Class.new(ActiveModel::Type::String) { def deserialize(value) = super&.upcase }
      expect_faithful_samples(sample(:string) { attribute :content, type.new }, "ann", nil)
    end

    it "that changes what it is given" do
      type = Class.new(ActiveModel::Type::Integer) { def cast(value) = super&.abs }
      expect_faithful_samples(sample(:integer) { attribute :content, type.new }, -5, "-6", nil)
    end

    it "that says nothing as something" do
      type = Class.new(ActiveModel::Type::String) { def deserialize(value) = super || "none" }
      expect_faithful_samples(sample(:string) { attribute :content, type.new }, "a", nil)
    end

    it "of another class than the column's" do
      { string: :integer, integer: :string, text: :decimal, float: :integer }.each do |column, type|
        [type, ActiveModel::Type.lookup(type)].each do |asked| # the adapter's, and the general one
          expect_faithful_samples(sample(column) { attribute :content, asked }, "12", 1, nil)
        end
      end
    end

    it "whose value is an object" do
      point = Struct.new(:x, :y)
      type = Class.new(ActiveModel::Type::Value) do
        define_method(:cast) { |value| value.is_a?(String) ? point.new(*value.split(",").map(&:to_i)) : value }
        define_method(:serialize) { |value| value && "#{value.x},#{value.y}" }
      end
      expect_faithful_samples(sample(:string) { attribute :content, type.new }, point.new(1, 2), "3,4", nil)
    end

    it "whose value is a string of a class of its own" do
      text = Class.new(String) { def as_json(*) = "own" }
      type = Class.new(ActiveModel::Type::Value) do
        define_method(:cast) { |value| value && text.new(value) }
        define_method(:serialize) { |value| value && String.new(value) }
      end
      expect_faithful_samples(sample(:string) { attribute :content, type.new }, "a", nil)
    end

    it "of a subclass of the column's type that changes nothing" do
      { string: ActiveModel::Type::String, integer: ActiveModel::Type::Integer, float: ActiveModel::Type::Float,
        boolean: ActiveModel::Type::Boolean, date: ActiveModel::Type::Date }.each do |column, parent|
        expect_faithful_samples(sample(column) { attribute :content, Class.new(parent).new }, "1", "2024-01-02", nil)
      end
    end

    it "with an instance whose methods were changed" do
      type = ActiveModel::Type::String.new
      def type.deserialize(value) = super&.reverse
      expect_faithful_samples(sample(:string) { attribute :content, type }, "ann", nil)
    end

    it "by decoration of the column's", rails: ">= 7.1" do
      klass = sample(:string) { normalizes :content, with: ->(value) { value.strip.downcase } }
      expect_faithful_samples(klass, " Ann ", nil)
    end

    it "for times, changing the instant it reads" do
      shifted = Class.new(ActiveRecord::Type::DateTime) do
        def deserialize(value) = super&.+(3600)
        def serialize(value) = super(value.respond_to?(:-) && !value.is_a?(String) ? value - 3600 : value)
      end
      klass = sample(:datetime) { attribute :content, shifted.new }
      expect_faithful_samples(klass, Time.utc(2024, 1, 2, 3, 4, 5), nil)
    end

    it "for times, to the hour" do
      hourly = Class.new(ActiveRecord::Type::DateTime) { def deserialize(value) = super&.change(min: 0) }
      klass = sample(:datetime) { attribute :content, hourly.new }
      expect_faithful_samples(klass, Time.utc(2024, 1, 2, 3, 4, 5), nil)
    end
  end

  describe "encryption", rails: ">= 7.0" do
    it "leaves the column out" do
      Account.create!(email: "e", ssn: "123")
      expect_faithful(without: %w[ssn key password_digest]) { Account.last }
    end

    it "of a column that only: names, in a model of its own" do
      klass = model("accounts") { encrypts :email }
      klass.create!(email: "e@example.org")
      expect_faithful(without: %w[email password_digest]) { klass.last }
      expect_faithful(without: %w[email password_digest]) { klass.last.tap { |record| record.email = "new" } }
    end
  end

  it "has_secure_password and has_secure_token leave their columns out" do
    klass = model("accounts") do
      has_secure_password
      has_secure_token :key
    end
    klass.create!(email: "e", password: "secret", password_confirmation: "secret")
    expect_faithful(without: %w[password_digest key]) { klass.last }
    expect_faithful(without: %w[password_digest key]) { klass.create!(email: "f", password: "secret") }
  end

  describe "columns" do
    it "with an alias" do
      expect_faithful_members(members { alias_attribute :title, :name })
    end

    it "that the class ignores" do
      klass = members { self.ignored_columns = %w[age family_id] }
      expect_faithful { klass.new(name: "a") }
      expect_faithful { klass.find(klass.create!(name: "a").id) }
      expect_faithful { klass.find_by_sql("SELECT * FROM members").first }
    end

    it "that are none in the database" do
      klass = members do
        attribute :score, :decimal, default: "1.50"
        attribute :seen_at, :datetime, default: -> { Time.utc(2024) }
        attribute :anything
      end
      expect_faithful_members(klass, score: 7, anything: { a: Time.utc(2024) })
      expect_faithful_members(klass)
    end

    it "that may only be read" do
      klass = members { attr_readonly :age }
      expect_faithful { klass.find(klass.create!(age: 4).id).tap { |record| record.update!(name: "b") } }
    end

    it "with a default of the application's" do
      expect_faithful_members(members { attribute :name, default: -> { "made up" } })
      expect_faithful { members { attribute :name, default: "made up" }.new }
    end

    it "that appeared since" do
      klass = sample(:string)
      expect_faithful { klass.create!(content: "a") }
      klass.connection.add_column(klass.table_name, :later, :integer, default: 5)
      klass.reset_column_information
      expect_faithful { klass.create!(content: "b") }
      expect_faithful { klass.last }
    end

    it "put together to one value" do
      klass = members { composed_of :label, class_name: "String", mapping: %w[name to_s] }
      expect_faithful_members(klass)
    end

    it "that an association shares its class's cache with" do
      klass = members { belongs_to :family, optional: true, counter_cache: false, touch: true }
      expect_faithful_members(klass, family: Family.create!(name: "Smith"))
    end
  end

  describe "a reader" do
    it "of the class's own" do
      expect_faithful_members(members { def name = "<#{super}>" })
    end

    it "that gives something else" do
      expect_faithful_members(members { def age = { years: super, at: Time.utc(2024), exact: BigDecimal("1.5") } })
    end

    it "that gives a record" do
      family = Family.create!(name: "Smith")
      expect_faithful_members(members { define_method(:age) { family } })
    end

    it "from a module" do
      shouting = Module.new { def name = super&.upcase }
      expect_faithful_members(members { include shouting })
      expect_faithful_members(members { prepend shouting })
    end

    it "of a parent" do
      parent = members { def name = "<#{super}>" }
      expect_faithful_members(model(nil, parent:, name: "Child"))
    end

    it "that is private" do
      expect_faithful_members(members { private def name = "private" })
    end

    it "of the key" do
      expect_faithful_members(members { def id = super && "member-#{super}" })
    end

    it "that raises" do
      expect_refused(members { def name = raise(KeyError, "no") }.new, with: KeyError, rails: KeyError)
    end

    it "that changes the record" do
      expect_faithful { members { def name = (self.age = 99) && super }.new(age: 1, name: "a") }
    end

    it "that missing methods answer" do
      klass = members do
        def method_missing(name, *) = name == :extra ? "found" : super
        def respond_to_missing?(name, all = false) = name == :extra || super
      end
      klass.create!(name: "a")
      expect_faithful { klass.select("members.*, 1 AS extra").first }
    end

    it "named as a column that the query adds" do
      klass = members { def extra = "method" }
      klass.create!
      expect_faithful { klass.select("members.*, 1 AS extra").first }
    end
  end

  describe "the class's own" do
    { "as_json" => "def as_json(*) = { said: name, at: Time.utc(2024).to_s }",
      "as_json upon Rails'" => "def as_json(options = nil) = super.merge('more' => [1, { 'a' => nil }])",
      "as_json with options" => "def as_json(options = {}) = super((options || {}).merge(only: %i[id name]))",
      "as_json with a method" => "def as_json(*) = super(methods: :shout)\ndef shout = name.to_s.upcase",
      "as_json that is text" => "def as_json(*) = 'a text'", "as_json that is nothing" => "def as_json(*) = nil",
      "as_json that is a list" => "def as_json(*) = [id, name]",
      "serializable_hash" => "def serializable_hash(*) = super.merge('x' => Time.utc(2024))",
      "serializable_hash with less" => "def serializable_hash(*) = super(only: :name)",
      "attributes" => "def attributes = super.merge('age' => 77)",
      "attributes with less" => "def attributes = super.except('age')",
      "attribute_names" => "def attribute_names = super - ['age']",
      "attribute_names_for_serialization" => "def attribute_names_for_serialization = %w[id age]",
      "read_attribute_for_serialization" => "def read_attribute_for_serialization(name) = \"<\#{super}>\"",
      "_read_attribute" => "def _read_attribute(name) = name == 'name' ? 'read' : super",
      "inspect and to_s" => "def to_s = 'nothing'\ndef inspect = 'nothing'" }.each do |what, body|
      it what do
        expect_faithful_members(members { class_eval(body) })
        expect_faithful_members(members { prepend(Module.new { class_eval(body) }) })
      end
    end

    it "as_json in a parent, or in all of them" do
      parent = members { def as_json(*) = { "parent" => name } }
      expect_faithful_members(model(nil, parent:, name: "Child"))
    end

    it "to_json is not as_json" do
      expect_faithful_members(members { def to_json(*) = "5" })
    end
  end

  describe "one record's own" do
    { "reader" => ->(record) { def record.name = "own" }, "as_json" => ->(record) { def record.as_json(*) = { a: 1 } },
      "serializable_hash" => ->(record) { def record.serializable_hash(*) = { "a" => 1 } },
      "attributes" => ->(record) { def record.attributes = super.merge("age" => 5) },
      "module" => ->(record) { record.extend(Module.new { def age = "extended" }) },
      "method that matters to nobody" => ->(record) { def record.nothing = 1 } }.each do |what, change|
      it what do
        klass = members
        expect_faithful { klass.create!(name: "a", age: 1) } # the class itself is plain
        expect_faithful { klass.create!(name: "a", age: 1).tap(&change) }
        expect_faithful { klass.create!(name: "b", age: 1) }
      end
    end

    it "instance variables are none of its JSON" do
      expect_faithful { members.new(name: "a").tap { |record| record.instance_variable_set(:@more, 1) } }
    end
  end

  describe "include_root_in_json" do
    [true, "person", :person].each do |root|
      it "= #{root.inspect}" do
        expect_faithful_members(members { self.include_root_in_json = root })
      end
    end

    it "= true in a module, where the class's last name is the root" do
      stub_const("Club", Module.new)
      klass = stub_const("Club::OldMember", Class.new(ActiveRecord::Base))
      klass.table_name = "members"
      klass.include_root_in_json = true
      expect_faithful_members(klass)
    end

    it "= true, with secret columns and an as_json of the class's own" do
      klass = model("accounts") { self.include_root_in_json = true }
      theirs = klass.create!(email: "e", password_digest: "d").as_json["sample"].except("password_digest")
      expect(JSON.parse(Pushable.encode(klass.last))).to eq("sample" => theirs)
      expect_faithful_members(members do
        self.include_root_in_json = true
        def as_json(*) = { "no" => { "root" => name } }
      end)
    end

    it "of the whole application" do
      ActiveRecord::Base.include_root_in_json = true
      expect_faithful_members(members)
    ensure
      ActiveRecord::Base.include_root_in_json = false
    end
  end

  describe "single table inheritance" do
    it "leaves out the column of its class's name" do
      [Animal, Dog, Puppy].each do |klass|
        expect_faithful { klass.new(name: "a") }
        expect_faithful { klass.create!(name: "a") }
        expect_faithful { klass.create!(name: "a").tap { |animal| animal.update!(name: "b") } }
      end
      Animal.all.each { |animal| expect_faithful(animal) }
      expect_faithful { Dog.first.becomes(Animal) }
      expect_faithful { Dog.first.becomes!(Animal) }
    end

    it "by another column, and by none" do
      expect_faithful { model("animals") { self.inheritance_column = "name" }.new(type: "shown", name: nil) }
      [nil, "", "kind"].each do |column|
        klass = model("animals") { self.inheritance_column = column }
        expect_faithful { klass.new(type: "shown", name: "a") }
        expect_faithful { klass.find(klass.create!(type: "shown", name: "a").id) }
      end
    end
  end

  describe "keys" do
    it "that are not called id" do
      expect_faithful { Code.new(code: "x", label: "l") }
      expect_faithful { Code.create!(code: "x#{Code.count}", label: "l") }
      expect_faithful { Code.last.tap { |code| code.label = "m" } }
    end

    it "of several columns", rails: ">= 7.1" do
      expect_faithful { Seat.new(row: "a", number: 1) }
      expect_faithful { Seat.create!(row: "a", number: Seat.count).tap { |seat| seat.update!(taken: true) } }
      expect_faithful { Seat.last }
      klass = model("members") { self.primary_key = %w[id name] }
      klass.create!(id: [1, "a"], age: 4)
      expect_faithful { klass.last }
    end

    it "that the class does not have" do
      klass = model("members") { self.primary_key = nil }
      klass.create!(name: "a")
      expect_faithful { klass.first }
    end

    it "that are another column than the id the table has" do
      klass = model("members") { self.primary_key = "name" }
      klass.create!(name: "key", age: 5)
      expect_faithful { klass.last }
      expect_faithful { klass.last.tap { |record| record.update!(age: 6) } }
    end

    it "that the database makes", rails: ">= 7.1" do
      expect_faithful { Parcel.create!(label: "l") }
      expect_faithful { Parcel.create!(label: "m").reload }
    end
  end

  describe "classes" do
    it "without a name" do
      klass = Class.new(ActiveRecord::Base) { self.table_name = "members" }
      expect_faithful { klass.create!(name: "a") }
    end

    it "under an abstract parent" do
      abstract = stub_const("Parent", Class.new(ActiveRecord::Base) { self.abstract_class = true })
      abstract.class_eval { def shout = name.upcase }
      klass = stub_const("Child", Class.new(abstract) { self.table_name = "members" })
      expect_faithful_members(klass)
    end

    it "that push, and that do not" do
      expect_faithful_members(members { push })
      expect_faithful_members(SilentMember)
    end

    it "within a relation, an association, a list and a Hash" do
      family = Family.create!(name: "Smith")
      2.times { |age| Member.create!(family:, name: "Ann", age:) }
      [Member.all, Member.none, family.members, family.members.load, family.members.where(age: 1), [family, nil],
       { family => family, members: family.members.to_a }, Member.limit(1), Member.group(:age).count,
       Member.pluck(:id, :created_at), Member.last.previous_changes]
        .each { |value| expect_faithful(value) }
    end
  end

  describe "a record's secret columns stay out of" do
    def expect_no_secret
      record = Account.create!(email: "ann@example.org", password_digest: "DIGEST")
      text = Pushable.encode(yield(record))
      expect(text).to include("ann@example.org")
      expect(text).not_to include("DIGEST")
    end

    { "a list" => ->(record) { [record] }, "a Hash" => ->(record) { { a: record, "b" => [record] } },
      "a Hash of indifferent access" => ->(record) { { a: [record] }.with_indifferent_access },
      "a list of its own class" => ->(record) { Class.new(Array).new([record]) },
      "what an as_json answers" => ->(record) { Class.new { define_method(:as_json) { |*| [record] } }.new } }
      .each { |what, make| it(what) { expect_no_secret(&make) } }

    { "a relation" => ->(record) { record.class.where(id: record.id) }, "a Set" => ->(record) { Set[record] },
      "a Struct" => ->(record) { Struct.new(:record).new(record) }, "an enumerator" => ->(record) { [record].each },
      "an object's variables" => ->(record) { Object.new.tap { |one| one.instance_variable_set(:@record, record) } } }
      .each do |what, make|
        it what do
          expect_no_secret(&make)
        end
      end
  end

  # What was decided about a class holds until the class changes.
  describe "after the class's first record was encoded" do
    def expect_seen(&change)
      klass = members
      expect_faithful { klass.create!(name: "a", age: 1) }
      klass.class_eval(&change)
      expect_faithful { klass.create!(name: "b", age: 2) }
      expect_faithful { klass.last }
    end

    { "a reader" => proc { def name = "late" },
      "a reader in a module included" => proc { include(Module.new { def name = "late" }) },
      "a reader in a module prepended" => proc { prepend(Module.new { def name = "late" }) },
      "a reader by define_method" => proc { define_method(:age) { "late" } },
      "as_json" => proc { def as_json(*) = { "late" => id } },
      "as_json in a module prepended" => proc { prepend(Module.new { def as_json(*) = { "late" => id } }) },
      "serializable_hash" => proc { def serializable_hash(*) = { "late" => id } },
      "read_attribute_for_serialization" => proc { def read_attribute_for_serialization(name) = "late #{name}" },
      "include_root_in_json" => proc { self.include_root_in_json = true },
      "a type" => proc { attribute :name, Class.new(ActiveModel::Type::String) { def cast(_value) = "late" }.new },
      "an ignored column" => proc { self.ignored_columns = %w[family_id] },
      "an enum" => proc { enum :age, { one: 1, two: 2 } } }.each do |what, change|
      it "#{what} is seen" do
        expect_seen(&change)
      end
    end

    it "a reader of its parent is seen" do
      parent = members
      klass = model(nil, parent:, name: "Child")
      expect_faithful { klass.create!(name: "a") }
      parent.class_eval { def name = "late" }
      expect_faithful { klass.create!(name: "b") }
    end

    it "a reader in a module that it includes is seen" do
      pending "a change of a module that stands in the class is not told to anybody"
      shouting = Module.new
      klass = members { prepend shouting }
      expect_faithful { klass.create!(name: "a") }
      shouting.module_eval { def name = "late" }
      expect_faithful { klass.create!(name: "b") }
    end
  end
end
