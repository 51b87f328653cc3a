# frozen_string_literal: true

require_relative "draws"

module Fidelity
  # What an application sets for the whole process, drawn at random, and put back afterwards.
  class Settings
    include Draws

    ZONES = %w[UTC Etc/UTC Europe/London Asia/Tokyo America/New_York America/St_Johns Asia/Kathmandu
               Australia/Lord_Howe Pacific/Apia Europe/Dublin].freeze
    # Where the machine stands: matters for default_timezone :local. London is at UTC half the year.
    MACHINES = ["UTC", "Europe/Berlin", "Europe/London", "America/St_Johns"].freeze

    # Rails 7.0 moved default_timezone.
    def self.record = ActiveRecord.respond_to?(:default_timezone=) ? ActiveRecord : ActiveRecord::Base

    def initialize(random)
      @random = random
    end

    # Calls the block with every setting drawn anew.
    def around
      before = read
      redraw
      set_for_good
      yield
    ensure
      write(before)
    end

    # Those that may change while records are alive.
    def redraw
      Time.zone = one_in?(3) ? "UTC" : pick(ZONES) # where nothing is to be shifted, most may be cut short
      json.time_precision = one_in?(3) ? @random.rand(10) : 3
      json.use_standard_json_time_format = !one_in?(6)
    end

    def to_s
      names = %i[zone machine default_timezone time_precision use_standard_json_time_format parse_json_times]
      values = read.map { |value| value.respond_to?(:name) ? value.name : value.inspect }
      names.zip(values).map { |pair| pair.join(" ") }.join(", ")
    end

    private

    def set_for_good
      ENV["TZ"] = pick(MACHINES)
      record.default_timezone = one_in?(3) ? :local : :utc
      ActiveSupport.parse_json_times = one_in?(20)
    end

    def read
      [Time.zone, ENV.fetch("TZ", nil), record.default_timezone, json.time_precision,
       json.use_standard_json_time_format, ActiveSupport.parse_json_times]
    end

    def write(values)
      Time.zone, ENV["TZ"], record.default_timezone, json.time_precision, json.use_standard_json_time_format,
        ActiveSupport.parse_json_times = values
    end

    def json = ActiveSupport::JSON::Encoding

    def record = Settings.record
  end
end
