# frozen_string_literal: true

# How many messages a second are brought to a server, one, ten and a hundred to a request, beside several other ways.
#
# ROUNDS (default 9) may be set. The arguments are the servers to take part, `sink` and `faye`; without any, both do.
# Takes about two minutes.

require_relative "support/sink"

sink = Bench::Sink.start
at_exit { sink.stop }

require_relative "support/inside"

Bench::Inside.load

require_relative "../spec/support/faye_process"
require_relative "support/guard"
require_relative "support/report"
require_relative "support/rounds"
require_relative "support/senders"
require_relative "support/settings"
require_relative "support/tls_forks"
require_relative "support/versions"

module Bench
  # One server, to which all ways bring their messages in turns.
  class Courier
    OBJECT = JSON.generate(Bodies.object(200))
    BATCHES = [1, 10, 100].freeze
    GEM = Senders::Gem
    LIMIT = Limit
    OLD = Clients::Form

    # How many messages a way brings in a turn, at one, ten and a hundred to a request: about a tenth of a second's.
    # Who cannot bring several has one number.
    TURNS = {
      "sink" => { GEM => [6000, 40_000, 100_000], LIMIT => [6000, 40_000, 100_000],
                  Clients::Curb => [2000, 15_000, 50_000], Clients::Kept => [1000, 8000, 30_000],
                  Clients::Fresh => [300], AnyCableBroadcasts => [300, 2000, 10_000], OLD => [300] },
      "faye" => { GEM => [500, 2500, 8000], LIMIT => [500, 2500, 8000], Clients::Curb => [300, 1500, 5000],
                  Clients::Kept => [300, 1500, 5000], Clients::Fresh => [150], OLD => [150] }
    }.freeze

    # @param server [String] "sink" or "faye"
    # @param sink [Sink, nil] nil: nobody counts but those who are answered
    def initialize(server, url, sink = nil)
      @server = server
      @turns = TURNS.fetch(server)
      @guard = sink && Guard.new(sink)
      @senders = @turns.keys.to_h { |way| [way, sender(way, url, sink)] }
    end

    def run(rounds)
      @rounds = Rounds.new(rounds, 1)
      @rounds.run { BATCHES.each_with_index { |batch, place| round(batch, place) } }
      print_table
      print_ratios
      puts
    end

    private

    def sender(way, url, sink)
      case way.name
      when Limit.name, GEM.name then way.new(url, OBJECT)
      when AnyCableBroadcasts.name then Senders::AnyCable.new(sink, OBJECT)
      else Senders::Client.new(way, url, OBJECT)
      end
    end

    def round(batch, place)
      @turns.each do |way, sizes|
        messages = sizes[place]
        next unless messages

        wall, cpu = @senders.fetch(way).turn(messages, batch)
        @guard&.check(way::TITLE, messages)
        @rounds.note([way, batch], wall / messages, cpu / messages)
      end
    end

    def cost(way, batch, kind)
      @rounds.cost([way, batch], kind).median
    end

    # Who cannot bring several to a request does as well as with one.
    def rate(way, batch)
      1_000_000 / cost(way, @turns[way][BATCHES.index(batch)] ? batch : 1, :wall)
    end

    def print_table
      header = ["messages a second, #{@server}", *BATCHES.map(&:to_s), *BATCHES.map { |batch| "CPU at #{batch}" }]
      Report.table(header, @turns.map { |way, sizes| row(way, BATCHES.first(sizes.size)) })
    end

    def row(way, batches)
      blank = [""] * (BATCHES.size - batches.size)
      rates = batches.map { |batch| rate(way, batch).round.to_s }
      cpus = batches.map { |batch| format("%.2f", cost(way, batch, :cpu)) }
      [way::TITLE, *rates, *blank, *cpus, *blank]
    end

    def print_ratios
      BATCHES.product(@turns.keys - [GEM]) do |batch, way|
        Report.ratio("courier_#{@server}_#{batch}_gem_vs_#{way::WORD}", rate(GEM, batch) / rate(way, batch))
      end
    end
  end
end

rounds = Bench::Settings.number("ROUNDS", 9)
servers = ARGV.empty? ? Bench::Courier::TURNS.keys : ARGV
unknown = servers - Bench::Courier::TURNS.keys
abort "courier: no server of the name #{unknown.join(", ")}" if unknown.any?

puts Bench::Versions.line("libcurl" => Curl::CURL_LONG_VERSION[/[\d.]+/], "curb" => Curl::CURB_VERSION,
                          "AnyCable" => AnyCable::VERSION)
puts
Bench::Courier.new("sink", sink.url, sink).run(rounds) if servers.include?("sink")
if servers.include?("faye")
  faye = FayeProcess.start
  Bench::Courier.new("faye", faye.url).run(rounds)
  faye.stop
  Bench::Report.figure("CONNECTIONS", "courier_tls_across_#{Bench::TLSForks::FORKS}_forks", Bench::TLSForks.connections)
end
