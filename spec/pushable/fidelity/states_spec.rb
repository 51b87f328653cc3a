# frozen_string_literal: true

require "support/fidelity"

# One row, in whatever state its record may be when it is encoded.
RSpec.describe "Fidelity of states", :pushing, :fidelity do
  filled = { string: "Ann ü", text: "a\n\"b\"", integer: -5, bigint: 2**62, float: 0.1, decimal: BigDecimal("12.3400"),
             whole: 12, boolean: true, date: Date.new(2024, 2, 29), datetime: Time.utc(2024, 2, 29, 1, 2, 3, 456_789),
             time: Time.utc(2000, 1, 1, 10, 11, 12), binary: "abc", json: { "a" => [1, { "b" => nil }] },
             serialized: { "x" => [1.5] }, state: :dried }.freeze
  other = { string: "Bea", text: nil, integer: 7, bigint: -1, float: 2.0, decimal: 1, whole: nil, boolean: false,
            date: "2023-01-02", datetime: "2023-01-02 03:04:05", time: "01:02:03", binary: "", json: [], serialized: [],
            state: :fresh }.freeze
  empty = filled.transform_values { nil }.freeze

  created = ->(values = filled) { Specimen.create!(values) }
  loaded = ->(values = filled) { Specimen.find(Specimen.create!(values).id) }

  {
    "new" => -> { Specimen.new },
    "new, with values" => -> { Specimen.new(filled) },
    "new, with empty ones" => -> { Specimen.new(empty) },
    "new, and then filled" => -> { Specimen.new.tap { |record| record.attributes = filled } },
    "built by a query's conditions" => -> { Specimen.where(string: "Ann", integer: 3).new },
    "created" => -> { created.call },
    "created empty" => -> { created.call(empty) },
    "loaded" => -> { loaded.call },
    "loaded empty" => -> { loaded.call(empty) },
    "loaded, and one column read" => -> { loaded.call.tap(&:datetime) },
    "loaded, and every column read" => -> { loaded.call.tap(&:attributes) },
    "loaded, and its JSON asked" => -> { loaded.call.tap(&:as_json) },
    "loaded in a relation" => -> { Specimen.where(id: created.call.id).to_a.first },
    "loaded by SQL" => lambda do
      Specimen.find_by_sql(["SELECT * FROM specimens WHERE id = ?", created.call.id]).first
    end,
    "instantiated from a row" => lambda {
      Specimen.instantiate("id" => 7, "string" => "a", "datetime" => "2024-01-02 03:04:05")
    },
    "updated" => -> { created.call.tap { |record| record.update!(other) } },
    "loaded and updated" => -> { loaded.call.tap { |record| record.update!(other) } },
    "loaded and one column updated" => -> { loaded.call.tap { |record| record.update!(integer: 8) } },
    "updated to nothing" => -> { loaded.call.tap { |record| record.update!(empty) } },
    "filled from nothing" => -> { loaded.call(empty).tap { |record| record.update!(filled) } },
    "updated twice" => -> { created.call.tap { |record| [other, filled].each { |values| record.update!(values) } } },
    "saved without a change" => -> { loaded.call.tap(&:save!) },
    "saved without validations" => lambda {
      loaded.call.tap do |record|
        record.assign_attributes(other)
        record.save(validate: false)
      end
    },
    "written past callbacks" => -> { loaded.call.tap { |record| record.update_columns(other.except(:state)) } },
    "counted up" => -> { loaded.call.tap { |record| record.increment!(:integer, 3) } },
    "toggled" => -> { loaded.call.tap { |record| record.toggle!(:boolean) } },
    "reloaded" => -> { created.call(other).tap(&:reload) },
    "locked" => -> { Specimen.transaction { loaded.call.tap(&:lock!) } },
    "destroyed" => -> { created.call.destroy! },
    "loaded and destroyed" => -> { loaded.call.destroy! },
    "deleted" => -> { loaded.call.delete },
    "frozen" => -> { loaded.call.freeze },
    "frozen and read" => -> { loaded.call.tap(&:as_json).freeze },
    "new and frozen" => -> { Specimen.new(filled).freeze },
    "read only" => -> { loaded.call.tap(&:readonly!) },
    "copied by dup" => -> { loaded.call.dup },
    "copied by dup from a new one" => -> { Specimen.new(filled).dup },
    "copied by clone" => -> { loaded.call.clone },
    "copied by clone, frozen" => -> { loaded.call.freeze.clone },
    "a copy that is changed" => -> { loaded.call.dup.tap { |record| record.string = "copy" } },
    "copied by Marshal" => -> { Marshal.load(Marshal.dump(loaded.call)) },
    "copied by Marshal after a save" => -> { Marshal.load(Marshal.dump(created.call)) },
    "copied by YAML" => -> { YAML.unsafe_load(YAML.dump(loaded.call)) },
    "become another class" => -> { loaded.call.becomes(Class.new(Specimen)) },
    "assigned" => -> { loaded.call.tap { |record| record.assign_attributes(other) } },
    "assigned after a save" => -> { created.call.tap { |record| record.assign_attributes(other) } },
    "assigned nil over values" => -> { loaded.call.tap { |record| record.assign_attributes(empty) } },
    "assigned nil over values after a save" => -> { created.call.tap { |record| record.assign_attributes(empty) } },
    "assigned values over nil" => -> { loaded.call(empty).tap { |record| record.assign_attributes(filled) } },
    "assigned what it has" => -> { loaded.call.tap { |record| record.assign_attributes(filled) } },
    "assigned text for every type" => lambda do
      loaded.call.tap do |record|
        record.assign_attributes(integer: "12x", float: "1e3", decimal: "1.239999", whole: "7.6", boolean: "off",
                                 date: "nonsense", datetime: "2024-05-06 07:08", time: "noon", string: 5, text: :symbol)
      end
    end,
    "assigned by write_attribute" => -> { loaded.call.tap { |record| record[:datetime] = "2020-01-01" } },
    "restored" => lambda {
      loaded.call.tap do |record|
        record.assign_attributes(other)
        record.restore_attributes
      end
    },
    "changed in place" => lambda do
      loaded.call.tap do |record|
        record.string << " more"
        record.json["a"] << 2
        record.serialized["x"] << 3
      end
    end,
    "changed in place after a save" => lambda do
      created.call.tap do |record|
        record.string << " more"
        record.json["a"] << { at: Time.utc(2024) }
      end
    end,
    "saved after a change in place" => -> { loaded.call.tap { |record| (record.string << "!") && record.save! } },
    "told that a column will change" => -> { loaded.call.tap(&:datetime_will_change!) },
    "cleared of its changes" => lambda do
      loaded.call.tap do |record|
        record.assign_attributes(other)
        record.clear_changes_information
      end
    end,
    "invalid" => lambda do
      invalid = Class.new(Specimen) { validates :string, length: { maximum: 1 } }
      invalid.new(filled).tap(&:valid?)
    end,
    "rolled back when it was new" => lambda do
      Specimen.new(filled).tap { |record| Specimen.transaction { record.save! && raise(ActiveRecord::Rollback) } }
    end,
    "rolled back after an update" => lambda do
      loaded.call.tap { |record| Specimen.transaction { record.update!(other) && raise(ActiveRecord::Rollback) } }
    end,
    "rolled back after a destroy" => lambda do
      loaded.call.tap { |record| Specimen.transaction { record.destroy! && raise(ActiveRecord::Rollback) } }
    end
  }.each do |state, make|
    it(state) { expect_faithful(&make) }
  end

  {
    "within a transaction, after a save" => ->(record) { record.update!(string: "x", datetime: Time.utc(2020)) },
    "within a transaction, after a destroy" => :destroy!.to_proc,
    "within a transaction, before a save" => ->(record) { record.assign_attributes(other) }
  }.each do |state, change|
    it state do
      [loaded, created].each do |make|
        Specimen.transaction { expect_faithful { make.call.tap(&change) } }
      end
    end
  end

  it "within callbacks" do
    seen = []
    see = ->(record) { seen << [JSON.parse(Pushable.encode(record)), JSON.parse(JSON.generate(record.as_json))] }
    klass = model("specimens") do
      attribute :json, :json
      before_validation(&see)
      before_save(&see)
      after_save(&see)
      after_commit(&see)
      after_find(&see)
      after_initialize(&see)
    end
    klass.find(klass.create!(string: "a", datetime: Time.utc(2024)).id).update!(string: "b", decimal: "1.5")
    expect(seen.size).to be > 8
    seen.each { |ours, theirs| expect(ours).to eq(theirs) }
  end

  it "touched" do
    expect_faithful { Member.create!(name: "Ann").tap(&:touch) }
    expect_faithful { Member.find(Member.create!(name: "Ann").id).tap(&:touch) }
    expect_faithful { Member.create!(name: "Ann").tap { |member| member.touch(time: Time.utc(2020)) } }
    expect_faithful { Member.create!(name: "Ann").tap { |member| member.name = "Bea" } }
  end

  it "touched by another record's save" do
    family = Family.create!(name: "Smith")
    TouchingMember.create!(name: "Ann", family:)
    expect_faithful { family }
  end

  describe "when a query" do
    before { 2.times { created.call } }

    {
      "selected some columns" => -> { Specimen.select(:id, :string, :datetime) },
      "did not select the key" => -> { Specimen.select(:string) },
      "selected columns in another order" => -> { Specimen.select(:state, :json, :id) },
      "added a column" => -> { Specimen.select("specimens.*, 1 + 1 AS sum, 'x' AS label") },
      "added a column named as a method" => -> { Specimen.select("id, 5 AS to_s, 6 AS valid") },
      "added nothing else" => -> { Specimen.select("1 AS one, NULL AS none") },
      "put something else in a column's place" => -> { Specimen.select("id, 'text' AS state, 7 AS string") },
      "joined another table" => lambda do
        Specimen.joins("INNER JOIN specimens other ON other.id >= specimens.id")
                .select("specimens.*, other.id AS other_id")
      end,
      "grouped" => -> { Specimen.select("state, COUNT(*) AS count_all, MAX(specimens.decimal) AS most").group(:state) },
      "read from a subquery" => -> { Specimen.from(Specimen.select(:id, :string), :specimens) }
    }.each do |what, query|
      it what do
        expect_faithful { query.call.to_a.first }
        expect_faithful { query.call.to_a.last.tap(&:attributes) }
        expect_faithful { query.call.to_a }
      end
    end

    it "selected some columns, and a save followed" do
      expect_faithful { Specimen.select(:id, :string).first.tap { |record| record.update!(string: "b") } }
      expect_faithful { Specimen.select(:id, :string).first.dup }
    end
  end

  describe "what a save pushes" do
    {
      "of a new row" => [-> { Specimen.new(filled) }, :save!.to_proc],
      "of an empty row" => [-> { Specimen.new }, :save!.to_proc],
      "of a loaded row" => [loaded, ->(record) { record.update!(string: "b") }],
      "of a loaded row, all columns new" => [loaded, ->(record) { record.update!(other) }],
      "of a row emptied" => [loaded, ->(record) { record.update!(empty) }],
      "of a created row" => [created, ->(record) { record.update!(other) }],
      "of a row changed in place" => [loaded, ->(record) { (record.json["a"] << 5) && record.save! }],
      "of a copy" => [-> { loaded.call.dup }, :save!.to_proc],
      "of a row written twice" => [loaded, lambda do |record|
        Specimen.transaction { [other, filled].each { |values| record.update!(values) } }
      end],
      "of a row assigned after its save" => [loaded, lambda do |record|
        Specimen.transaction { record.update!(other) && record.assign_attributes(filled) }
      end]
    }.each do |what, (make, save)|
      it what do
        2.times do
          record = make.call
          expect_faithful_push(record) { save.call(record) }
        end
      end
    end
  end
end
