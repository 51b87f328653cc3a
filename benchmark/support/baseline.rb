# frozen_string_literal: true

require "json"
require "rbconfig"

module Bench
  # Counts of instructions that were recorded once, and what has grown since. Each machine has its own: with another
  # Ruby, Rails, processor or compiler the counts are others.
  class Baseline
    FILE = File.expand_path("../baseline/instructions.json", __dir__)
    TOLERANCE = 0.05 # Ruby's hashes are seeded anew in every process, which makes less than 0.01

    def initialize(file = FILE)
      @file = file
    end

    # @return [String] what the counts depend on
    def machine
      rails = Gem.loaded_specs.fetch("activerecord").version
      "Ruby #{RUBY_VERSION}, Rails #{rails}, #{RbConfig::CONFIG["arch"]}, #{compiler}"
    end

    # @return [Hash{String => Integer}, nil] this machine's; nil where none were recorded
    def counts
      machines[machine]
    end

    # Replaces this machine's.
    # @param counts [Hash{String => Integer}]
    def record(counts)
      File.write(@file, "#{JSON.pretty_generate(machines.merge(machine => counts).sort.to_h)}\n")
    end

    # @param counts [Hash{String => Integer}] the same cases, counted now
    # @return [Array<String>] the cases that have grown by more than the tolerance, with their counts before and now
    def grown(counts)
      self.counts.filter_map do |name, before|
        now = counts.fetch(name)
        "#{name}: #{before} instructions before, #{now} now" if now > before * (1 + TOLERANCE)
      end
    end

    private

    def machines
      File.exist?(@file) ? JSON.parse(File.read(@file)) : {}
    end

    # The major version of what compiles the extension.
    def compiler
      name = RbConfig::CONFIG["CC"].split.first
      "#{name[/gcc|clang/] || name} #{IO.popen([name, "-dumpversion"], &:read).to_i}"
    end
  end
end
