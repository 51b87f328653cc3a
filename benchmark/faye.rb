# frozen_string_literal: true

# How many messages a server brings to its subscribers in a second, how old they are then, and what a connection takes.
#
# ROUNDS (default 3) may be set. The arguments are the servers to take part: pushable, plain, npm and cable; without any
# all do. Takes about three minutes.

require_relative "support/clients"
require_relative "support/fan_servers"
require_relative "support/limit"
require_relative "support/publisher"
require_relative "support/report"
require_relative "support/rounds"
require_relative "support/settings"
require_relative "support/subscribers"
require_relative "support/versions"

module Bench
  # All servers stay from the first round to the last, and so do their subscribers; each round asks one after the other.
  class FanOut
    OBJECT = JSON.generate({ id: 7, name: "n" * 176 })
    # How many subscribers => how many messages they get at full speed, ten to a request.
    CROWDS = { 1 => 2000, 100 => 500, 1000 => 60 }.freeze
    BATCH = 10
    # Messages a second, and in all, for their age.
    RATE = 20
    STEADY = 40
    # Messages to a request => messages in all, which nobody has subscribed to.
    BATCHES = { 1 => 2000, 10 => 10_000, 100 => 20_000 }.freeze

    # A crowd of one server, with somebody who publishes to it.
    Crowd = Struct.new(:subscribers, :publisher)

    def initialize(kinds)
      @servers = kinds.to_h { |kind| [kind, FanServers.start(kind)] }
      @limits = @servers.transform_values { |server| Limit.new("http://127.0.0.1:#{server.port}/faye", OBJECT) }
      @memory = {}
      @crowds = @servers.to_h { |kind, server| [kind, crowds(kind, server)] }
      @ages = Hash.new { |ages, key| ages[key] = [] }
      @shares = Hash.new { |shares, key| shares[key] = [] }
    end

    def run(rounds)
      @rounds = Rounds.new(rounds, 1)
      @rounds.run { round }
      print_all
    ensure
      @crowds.each_value { |crowds| crowds.each_value { |crowd| crowd.subscribers.stop } }
      @servers.each_value(&:kill)
    end

    private

    def round
      BATCHES.each { |batch, messages| @servers.each_key { |kind| publish(kind, batch, messages) } }
      CROWDS.each { |size, messages| @servers.each_key { |kind| fan_out(kind, size, messages) } }
      CROWDS.each_key { |size| @servers.each_key { |kind| look_at_ages(kind, size) } }
    end

    # The largest first: what a connection takes is seen on a server that had none yet.
    def crowds(kind, server)
      before = server.rss
      CROWDS.keys.sort.reverse.to_h do |size|
        channel = "/sync/bench_#{size}"
        crowd = Crowd.new(Subscribers.new(server, size, channel), Publisher.new(server.port, channel))
        @memory[kind] ||= (server.rss - before) / 1024.0 / size
        [size, crowd]
      end
    end

    def publish(kind, batch, messages)
      cpu = @servers.fetch(kind).cpu
      wall, = @limits.fetch(kind).turn(messages, batch)
      note([:publish, kind, batch], wall, @servers.fetch(kind).cpu - cpu, messages)
    end

    def fan_out(kind, size, messages)
      crowd = @crowds.fetch(kind).fetch(size)
      cpu = @servers.fetch(kind).cpu
      result = crowd.subscribers.await(messages) { crowd.publisher.publish(messages, BATCH) }
      note([:deliver, kind, size], result.wall, @servers.fetch(kind).cpu - cpu, messages * size)
      @shares[[kind, size]] << (result.cpu * 100.0 / result.wall)
    end

    def note(name, wall, cpu, operations)
      @rounds.note(name, wall / operations, cpu / operations)
    end

    def look_at_ages(kind, size)
      crowd = @crowds.fetch(kind).fetch(size)
      @ages[[kind, size]] << crowd.subscribers.await(STEADY) { crowd.publisher.publish_steadily(STEADY, RATE) }
    end

    def rate(*name)
      1_000_000 / @rounds.cost(name, :wall).median
    end

    def cpu(*name)
      @rounds.cost(name, :cpu).median
    end

    def age(kind, size, which)
      Sample.new(@ages[[kind, size]].map(&which)).median / 1000.0
    end

    def print_all
      print_rates("deliveries a second", :deliver, CROWDS.keys)
      print_rates("publishes a second", :publish, BATCHES.keys)
      print_ages
      print_footprint
      print_ratios
    end

    def print_rates(title, what, sizes)
      header = [title, *sizes.map(&:to_s), *sizes.map { |size| "CPU at #{size}" }]
      Report.table(header, @servers.keys.map do |kind|
        [kind::TITLE, *sizes.map { |size| rate(what, kind, size).round.to_s },
         *sizes.map { |size| Report.number(cpu(what, kind, size)) }]
      end)
    end

    def print_ages
      columns = CROWDS.keys.product(%i[p50 p99])
      header = ["ms old, #{RATE} a second", *columns.map { |size, which| "#{which} at #{size}" }]
      Report.table(header, @servers.keys.map do |kind|
        [kind::TITLE, *columns.map { |size, which| Report.number(age(kind, size, which)) }]
      end)
    end

    def print_footprint
      header = ["", "KB a connection", *CROWDS.keys.map { |size| "subscribers' CPU at #{size}, %" }]
      Report.table(header, @servers.keys.map do |kind|
        [kind::TITLE, Report.number(@memory[kind]),
         *CROWDS.keys.map { |size| Report.number(Sample.new(@shares[[kind, size]]).median) }]
      end)
    end

    def print_ratios
      own, *others = @servers.keys
      others.product(CROWDS.keys) { |other, size| print_ratio(:deliver, size, own, other) }
      others.product(BATCHES.keys) { |other, batch| print_ratio(:publish, batch, own, other) }
      CROWDS.each_key { |size| Report.figure("RATE", "deliver_#{size}_#{own::WORD}", rate(:deliver, own, size).round) }
    end

    def print_ratio(what, size, own, other)
      name = "#{what}_#{size}"
      Report.ratio("#{name}_#{own::WORD}_vs_#{other::WORD}", rate(what, own, size) / rate(what, other, size))
      Report.ratio("#{name}_cpu_#{other::WORD}_vs_#{own::WORD}", cpu(what, other, size) / cpu(what, own, size))
    end
  end
end

chosen = ARGV.empty? ? Bench::FanServers::ALL : Bench::FanServers::ALL.select { |kind| ARGV.include?(kind::WORD) }
unknown = ARGV - chosen.map { |kind| kind::WORD }
abort "faye: no server of the name #{unknown.join(", ")}" if unknown.any?

puts Bench::Versions.line("EventMachine" => Gem.loaded_specs.fetch("eventmachine").version,
                          "websocket-driver" => Gem.loaded_specs.fetch("websocket-driver").version,
                          "Puma" => Gem.loaded_specs.fetch("puma").version, "node" => `node --version`.strip)
puts
Bench::FanOut.new(chosen).run(Bench::Settings.number("ROUNDS", 3))
