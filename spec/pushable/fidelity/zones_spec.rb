# frozen_string_literal: true

require "support/fidelity"

# Instants in every zone that Rails names, at the hours when its clocks are turned, and in databases that keep local
# time.
RSpec.describe "Fidelity of zones", :pushing, :fidelity do
  anywhere = [Time.utc(1850, 6, 1), Time.utc(1969, 12, 31, 23, 59, 59.9996r), Time.utc(1970), Time.utc(2024, 2, 29, 12),
              Time.utc(2038, 1, 19, 3, 14, 8), Time.utc(2999, 7, 1, 0, 0, 0.123456r)].freeze

  # The second before and the second after each change of the zone's clock in these years, and one in its middle.
  def self.turns(zone)
    first, last = [2023, 2025].map { |year| Time.utc(year) }
    changes = zone.tzinfo.transitions_up_to(last, first).map { |transition| Time.at(transition.at.to_i).utc }
    changes.flat_map { |at| [at - 0.000001r, at, at + 1, at + 1800] }
  end

  def expect_faithful_instants(instants)
    instants.each do |instant|
      aggregate_failures("#{instant.inspect} in #{Time.zone}") do
        expect_faithful { SilentMember.new(created_at: instant) }
        expect_faithful([instant.in_time_zone, instant.in_time_zone.to_datetime])
      end
    end
    SilentMember.transaction { expect_faithful_rows(instants) }
  end

  # Just made, loaded, read, written beside the instant, and moved by a second.
  def expect_faithful_rows(instants)
    SilentMember.delete_all
    expect_faithful(instants.map { |instant| SilentMember.create!(created_at: instant) })
    load = -> { SilentMember.order(:id).to_a }
    expect_faithful(&load)
    expect_faithful { load.call.each(&:created_at) }
    expect_faithful(load.call.each { |record| record.update!(name: "a") })
    expect_faithful(load.call.each { |record| record.update!(created_at: record.created_at + 1) })
  end

  ActiveSupport::TimeZone.all.uniq { |zone| zone.tzinfo.canonical_identifier }.each do |zone|
    it zone.tzinfo.name do
      Time.use_zone(zone) { expect_faithful_instants(anywhere + self.class.turns(zone)) }
    end
  end

  { "half an hour's turn" => "Australia/Lord_Howe", "a zone that skipped a day" => "Pacific/Apia",
    "seconds in its offset" => "Africa/Monrovia", "UTC by its other name" => "Etc/UTC",
    "an offset alone" => "Etc/GMT+12",
    "a zone at zero" => "Africa/Abidjan", "Ireland, whose winter is the odd one" => "Europe/Dublin",
    "Morocco, which turns back in Ramadan" => "Africa/Casablanca" }.each do |what, name|
    it "#{what}: #{name}" do
      zone = Time.find_zone!(name)
      odd = [Time.utc(1919, 6, 1), Time.utc(1972, 1, 6), Time.utc(1972, 1, 8), Time.utc(2011, 12, 30, 9, 59, 59),
             Time.utc(2011, 12, 30, 10)]
      Time.use_zone(zone) { expect_faithful_instants(anywhere + odd + self.class.turns(zone)) }
    end
  end

  # Ruby's years have no end.
  it "instants that the system's clock cannot tell" do
    [10**11, 10**14].each do |year|
      instant = Time.utc(year, 3, 4, 23)
      expect_faithful { SilentMember.new(created_at: instant) }
      expect_faithful { SilentMember.instantiate("id" => 1, "created_at" => instant) }
      expect_faithful([instant, instant.in_time_zone])
    end
  end

  it "local times that do not exist, and that exist twice" do
    Time.use_zone("America/New_York") do
      ["2024-03-10 02:30:00", "2024-11-03 01:30:00", "2024-11-03 01:30:00 -0500", "2024-03-10 02:59:59.999999"]
        .each do |text|
          expect_faithful { Specimen.new(datetime: text) }
          expect_faithful { Specimen.create!(datetime: text) }
        end
    end
  end

  describe "the zone changes" do
    zones = %w[UTC Asia/Tokyo Europe/London Etc/UTC]
    zones.permutation(2).each do |written, read|
      it "between write in #{written} and read in #{read}" do
        write = -> { Time.use_zone(written) { Specimen.create!(datetime: Time.zone.local(2024, 7, 2, 3, 4, 5)) } }
        Time.use_zone(read) do
          expect_faithful(&write)
          expect_faithful { write.call.tap { |record| record.update!(string: "b") } }
          expect_faithful { Specimen.find(write.call.id) }
        end
        expect_faithful { write.call.tap { |record| Time.use_zone(read) { record.datetime } } }
      end
    end

    it "between two records" do
      %w[UTC Asia/Tokyo UTC Europe/London America/New_York UTC].each do |zone|
        Time.use_zone(zone) { expect_faithful { Specimen.create!(datetime: Time.utc(2024, 7, 1)) } }
      end
    end

    it "within a transaction" do
      record = Specimen.create!(datetime: Time.utc(2024, 7, 1))
      Time.use_zone("Asia/Tokyo") do
        expect_faithful_push(record) { record.update!(datetime: Time.utc(2024, 8, 1)) }
        expect_faithful_push(record) { record.update!(string: "b") }
      end
    end

    it "to none" do
      before = Time.zone_default
      record = Specimen.create!(datetime: Time.utc(2024, 7, 1))
      Time.zone_default = nil
      expect_faithful(record)
      expect_faithful { Specimen.find(record.id) }
      expect_faithful { Specimen.new(datetime: Time.utc(2024)) }
      expect_faithful { Specimen.create!(datetime: Time.utc(2024)) }
    ensure
      Time.zone_default = before
    end
  end

  describe "a model" do
    it "that is not aware of zones, in all of its columns or some" do
      [proc { self.time_zone_aware_attributes = false },
       proc { self.skip_time_zone_conversion_for_attributes = [:datetime] },
       proc { self.time_zone_aware_types = %i[datetime time] }, proc { self.time_zone_aware_types = [] }].each do |body|
        klass = model("specimens") { class_eval(&body) }
        %w[UTC Asia/Tokyo].each do |zone|
          Time.use_zone(zone) do
            values = { datetime: Time.utc(2024, 7, 1, 2, 3, 4.5r), time: "10:11:12" }
            expect_faithful { klass.new(values) }
            expect_faithful { klass.create!(values) }
            expect_faithful { klass.find(klass.create!(values).id) }
          end
        end
      end
    ensure
      ActiveRecord::Base.time_zone_aware_attributes = true # Rails 6.1 has one for all classes
    end
  end

  describe "default_timezone = :local" do
    def with_local_times(zone)
      owner = ActiveRecord.respond_to?(:default_timezone=) ? ActiveRecord : ActiveRecord::Base
      before = ENV.fetch("TZ", nil)
      ENV["TZ"] = zone
      owner.default_timezone = :local
      yield
    ensure
      owner.default_timezone = :utc
      ENV["TZ"] = before
    end

    it "set after the first record, and taken back" do
      SilentMember.create!(created_at: Time.utc(2024, 7, 2, 3, 4, 5))
      load = -> { SilentMember.last }
      expect_faithful(&load)
      with_local_times("America/New_York") { expect_faithful(&load) }
      expect_faithful(&load)
    end

    %w[UTC America/New_York Asia/Kolkata Australia/Lord_Howe].each do |zone|
      it "on a machine in #{zone}" do
        with_local_times(zone) do
          ["UTC", "Asia/Tokyo", zone].each do |shown|
            Time.use_zone(shown) do
              expect_faithful_instants(anywhere.drop(1) + [Time.utc(2024, 3, 10, 7), Time.utc(2024, 11, 3, 6)])
            end
          end
        end
      end
    end
  end
end
