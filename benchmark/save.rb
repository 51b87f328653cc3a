# frozen_string_literal: true

# What a push adds to create! and update!: without the gem, with it, and the way of 2013 (a blocking post a save).
#
# ROUNDS (default 25) and RECORDS a round (default 100) may be set, and SERVER, the URL of a Faye server to publish to
# in place of the benchmark's own sink.

require_relative "support/sink"

server = ENV.fetch("SERVER") do
  sink = Bench::Sink.start
  at_exit { sink.stop }
  sink.url
end

require_relative "support/members"
require_relative "support/report"
require_relative "support/rounds"

module Bench
  # The three ways, each saving the same records in turns.
  class Save
    WAYS = {
      "without the gem" => PlainMember, "with the gem" => PushedMember, "the way of 2013" => PostedMember
    }.freeze
    WITHOUT, WITH, OLD = WAYS.keys
    EVENTS = %w[create! update!].freeze

    def initialize(server, rounds:, records:)
      Pushable.configure { |config| config.server = server }
      PostedMember.server = URI(server)
      @records = records
      @rounds = Rounds.new(rounds, records)
    end

    def run
      @rounds.run { WAYS.each { |way, model| round(way, model) } }
      stats = Pushable.stats
      lost = stats[:pushed] - stats[:delivered]
      abort "save: #{lost} of #{stats[:pushed]} messages were not delivered: #{stats}" unless lost.zero?
      EVENTS.each do |event|
        print_table(event)
        print_ratios(event)
      end
    end

    private

    def round(way, model)
      columns = Array.new(@records) { |number| Member.columns_of(number) }
      saved = nil
      measure(way, "create!") { saved = columns.map { |values| model.create!(values) } }
      measure(way, "update!") do
        saved.each_with_index { |member, number| member.update!(name: "Renamed #{number}", score: number + 0.5) }
      end
      model.delete_all
    end

    def measure(way, event, &)
      @rounds.measure([way, event], finish: method(:deliver), &)
    end

    def deliver
      abort "save: the messages are not delivered: #{Pushable.stats}" unless Pushable.flush(20)
    end

    def added(way, event, kind)
      @rounds.added([way, event], [WITHOUT, event], kind)
    end

    def print_table(event)
      rows = WAYS.keys.map { |way| row(way, event) }
      Report.table(["#{event}, µs a save", "wall", "added", "middle half", "CPU", "added CPU"], rows)
    end

    def row(way, event)
      wall, cpu = %i[wall cpu].map { |kind| Report.number(@rounds.cost([way, event], kind).median) }
      return [way, wall, "", "", cpu, ""] if way == WITHOUT

      more = added(way, event, :wall)
      [way, wall, Report.number(more.median), Report.spread(more), cpu, Report.number(added(way, event, :cpu).median)]
    end

    def print_ratios(event)
      name = event.delete("!")
      { "" => :wall, "_cpu" => :cpu }.each do |suffix, kind|
        Report.ratio_of_added("#{name}_added#{suffix}_2013_vs_pushable", added(OLD, event, kind),
                              added(WITH, event, kind))
      end
      with, without = [WITH, WITHOUT].map { |way| @rounds.cost([way, event], :wall).median }
      Report.ratio("#{name}_with_vs_without", with / without)
      puts
    end
  end
end

number = lambda do |name, default|
  value = Integer(ENV.fetch(name, default), exception: false)
  value&.positive? ? value : abort("save: #{name} is a positive whole number, got #{ENV.fetch(name).inspect}")
end
Bench::Save.new(server, rounds: number.call("ROUNDS", 25), records: number.call("RECORDS", 100)).run
