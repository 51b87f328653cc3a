# frozen_string_literal: true

# What is lost, doubled or left behind when a server fails and is killed at random for MINUTES (10).
#
# RATE (default 600) messages a second are published; SEED says what is random. Ends with an error when one message is
# lost, overtakes another, or comes again without a lost acknowledgement.

$LOAD_PATH.unshift(File.expand_path("../spec", __dir__))
require "support/soak"
require_relative "support/report"

minutes = Float(ENV.fetch("MINUTES", 10))
seed = Integer(ENV.fetch("SEED") { Random.new_seed % (1 << 32) })
soak = Soak.new(random: Random.new(seed), rate: Integer(ENV.fetch("RATE", 600)), long: true)
begin
  puts "SEED=#{seed}, #{minutes} minutes"
  soak.run(minutes * 60)
  verdict = soak.verdict
  megabytes = soak.holdings.map { |held| held[:bytes] / 1024.0 / 1024 }
  rows = { "published" => soak.published, "arrived" => verdict.arrived, "lost" => verdict.lost.size,
           "duplicated" => verdict.duplicated, "reordered" => verdict.reordered, "unexplained" => verdict.unexplained,
           "told as rejected or dropped" => soak.stats.values_at(:rejected, :dropped).sum,
           "faults" => soak.faults, "kills of the server" => soak.kills, "POSTs tried again" => soak.stats[:retries],
           "descriptors more than at first" => soak.growth(:descriptors) }
  Bench::Report.table(["soak", ""], rows.map { |name, value| [name, value.to_s] })
  puts "RSS in MB, in ten steps: #{megabytes.map { |size| Bench::Report.number(size) }.join(" ")}", ""
  Bench::Report.ratio("soak_lost_per_published", verdict.lost.size.fdiv(soak.published))
  Bench::Report.ratio("soak_duplicated_per_published", verdict.duplicated.fdiv(soak.published))
  Bench::Report.ratio("soak_rss_growth_megabytes", megabytes.last - megabytes.first)
  Bench::Report.ratio("soak_descriptor_growth", soak.growth(:descriptors))
  abort "soak: not sound, see above" unless verdict.sound?
ensure
  soak.stop
end
