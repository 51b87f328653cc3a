# frozen_string_literal: true

# What a push adds to create!, update!, touch and a transaction of saves, beside three other ways to do it.
#
# ROUNDS (default 25) and RECORDS a round (default 100) may be set, and SERVER, the URL of a Faye server to publish to
# in place of the benchmark's own sink.

require_relative "support/sink"

sink = ENV["SERVER"] ? nil : Bench::Sink.start
at_exit { sink&.stop }
server = ENV.fetch("SERVER") { sink.url }

require_relative "support/peers/broadcast"
require_relative "support/peers/handwritten"
require_relative "support/peers/posted"
require_relative "support/database"
require_relative "support/members"
require_relative "support/operations"
require_relative "support/report"
require_relative "support/rounds"
require_relative "support/settings"

Pushable.configure { |config| config.server = server }
Bench::Member.sink = sink
Bench::PostedMember.server = Bench::HandwrittenMember.server = server
Bench::BroadcastMember.subscribe("members_active")

module Bench
  # All ways with one database, saving the same records in turns.
  class Save
    WAYS = {
      "without the gem" => PlainMember, "with the gem" => PushedMember, "five messages" => FiveTimesMember,
      "turbo's broadcasts_to" => BroadcastMember, "by hand" => HandwrittenMember, "the way of 2013" => PostedMember
    }.freeze
    WITHOUT, WITH, FIVE, TURBO, HAND, OLD = WAYS.keys
    PEERS = { "2013" => OLD, "handwritten" => HAND, "turbo" => TURBO }.freeze

    def initialize(database, rounds:, records:)
      @database = database
      @prefix = "wal_" if database == Database::WAL
      @ways = WAYS.select { |_way, model| model.works_with?(database) }
      @records = records
      @rounds = Rounds.new(rounds, records)
    end

    def run
      Database.open(@database)
      @rounds.run { @ways.each { |way, model| round(way, model) } }
      Operations::NAMES.each do |operation|
        print_table(operation)
        print_ratios(operation)
      end
    end

    private

    def round(way, model)
      Operations.new(model, @records).in_turn do |operation, block|
        due = @records * model.messages(operation)
        before = model.arrived
        @rounds.measure([way, operation], finish: -> { model.drain(due) }, &block)
        arrived = model.arrived
        next if arrived.nil? || arrived == before + due

        abort "save: #{way}, #{operation}: #{due} messages are due, #{arrived - before} arrived"
      end
    end

    def added(way, operation, kind)
      @rounds.added([way, operation], [WITHOUT, operation], kind)
    end

    def median(way, operation, kind)
      @rounds.cost([way, operation], kind).median
    end

    def print_table(operation)
      title = "#{operation}, µs a save, #{@database}"
      rows = @ways.keys.map { |way| row(way, operation) }
      Report.table([title, "wall", "added", "middle half", "CPU", "added CPU"], rows)
    end

    def row(way, operation)
      wall, cpu = %i[wall cpu].map { |kind| Report.number(median(way, operation, kind)) }
      return [way, wall, "", "", cpu, ""] if way == WITHOUT

      more, more_cpu = %i[wall cpu].map { |kind| added(way, operation, kind) }
      [way, wall, Report.number(more.median), Report.spread(more), cpu, Report.number(more_cpu.median)]
    end

    def print_ratios(operation)
      name = "#{@prefix}#{Operations.word(operation, @records)}"
      PEERS.each { |peer, way| print_peer(name, operation, peer, way) if compared?(way, operation) }
      Report.ratio_of_added("#{name}_added_five_vs_one", added(FIVE, operation, :wall), added(WITH, operation, :wall))
      with, without = [WITH, WITHOUT].map { |way| median(way, operation, :wall) }
      Report.ratio("#{name}_with_vs_without", with / without)
      Report.ratio("#{name}_added_percent", 100 * added(WITH, operation, :wall).median / without)
      puts
    end

    def compared?(way, operation)
      @ways.key?(way) && @ways[way].messages(operation).positive?
    end

    def print_peer(name, operation, peer, way)
      { "" => :wall, "_cpu" => :cpu }.each do |suffix, kind|
        Report.ratio_of_added("#{name}_added#{suffix}_#{peer}_vs_pushable", added(way, operation, kind),
                              added(WITH, operation, kind))
      end
      Report.ratio("#{name}_cpu_#{peer}_vs_pushable", median(way, operation, :cpu) / median(WITH, operation, :cpu))
    end
  end
end

sizes = { rounds: Bench::Settings.number("ROUNDS", 25), records: Bench::Settings.number("RECORDS", 100) }
[Bench::Database::MEMORY, Bench::Database::WAL].each do |database|
  Bench::Save.new(database, **sizes).run
end
stats = Pushable.stats
lost = stats[:pushed] - stats[:delivered]
abort "save: #{lost} of #{stats[:pushed]} messages were not delivered: #{stats}" unless lost.zero?
