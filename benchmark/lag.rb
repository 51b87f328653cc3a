# frozen_string_literal: true

# What pushing does to the requests of a busy server, and how long its messages take: the gem, a Ruby thread, no push.
#
# ROUNDS (default 5) and SECONDS of a round (default 4) may be set. Takes about a minute and a half.

require_relative "support/sink"

sink = Bench::Sink.start
parent = Process.pid
at_exit { sink.stop if Process.pid == parent }

require "pushable"
require_relative "support/apart"
require_relative "support/busy_app"
require_relative "support/guard"
require_relative "support/report"
require_relative "support/rounds"
require_relative "support/settings"
require_relative "support/versions"

module Bench
  # A process for each way and round, in turns.
  class Lag
    # Milliseconds, but the first.
    NUMBERS = { rate: "requests a second", request50: "request p50", request99: "p99",
                lag50: "lag p50", lag99: "p99" }.freeze
    QUIET, GEM, THREAD = BusyApp::WAYS

    def initialize(sink, seconds)
      @sink = sink
      @seconds = seconds
      @guard = Guard.new(sink)
      @work = BusyApp.calibrate
      @results = Hash.new { |results, way| results[way] = [] }
    end

    def run(rounds)
      rounds.times { |round| BusyApp::WAYS.each { |way| @results[way] << measure(way, round) } }
      print_table
      print_figures
      print_ratios
    end

    private

    def measure(way, round)
      requests = Apart.run { BusyApp.new(way.new(@sink.url, "#{way::WORD}#{round}"), @work).serve(@seconds) }
      @guard.check(way::TITLE, requests.size * way::MESSAGES)
      lags = @sink.lags
      numbers = { rate: requests.size / @seconds.to_f }.merge(quantiles(:request, requests))
      lags.empty? ? numbers : numbers.merge(quantiles(:lag, lags))
    end

    def quantiles(name, microseconds)
      sample = Sample.new(microseconds)
      { "#{name}50": sample.quantile(0.5) / 1000, "#{name}99": sample.quantile(0.99) / 1000 }
    end

    # @return [Float, nil] the median of the rounds
    def median(way, number)
      values = @results[way].filter_map { |result| result[number] }
      Sample.new(values).median if values.any?
    end

    def print_table
      rows = BusyApp::WAYS.map do |way|
        [way::TITLE, *NUMBERS.keys.map { |number| median(way, number)&.then { |value| Report.number(value) } || "" }]
      end
      Report.table(["ms", *NUMBERS.values], rows)
    end

    def print_figures
      BusyApp::WAYS.product(NUMBERS.keys - [:rate]) do |way, number|
        value = median(way, number)
        puts format("MS %<name>s %<value>.2f", name: "#{number}_#{way::WORD}", value: value) if value
      end
    end

    def print_ratios
      %i[lag50 lag99].each { |number| print_ratio(number, THREAD, GEM) }
      [GEM, THREAD].each { |way| print_ratio(:request99, way, QUIET) }
    end

    def print_ratio(number, way, base)
      Report.ratio("#{number}_#{way::WORD}_vs_#{base::WORD}", median(way, number) / median(base, number))
    end
  end
end

puts Bench::Versions.line("json" => JSON::VERSION)
puts
Bench::Lag.new(sink, Bench::Settings.number("SECONDS", 4)).run(Bench::Settings.number("ROUNDS", 5))
