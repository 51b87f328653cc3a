# frozen_string_literal: true

# The machine instructions that a push adds to create!, update!, touch and a transaction of saves.
#
# A number that hardly depends on what else the machine does, to notice when the gem becomes slower.
#
# RECORDS (default 50) may be set. Needs valgrind (bin/setup brings it) and takes about a minute.

require "English"
require "rbconfig"
require "tmpdir"
require_relative "support/report"

module Bench
  # Runs support/instructions_inside.rb under callgrind, which writes a part of its counts at every call of getpgid: odd
  # parts are what lies between the blocks, even ones the blocks, in the order of the names that the process prints.
  class Instructions
    INSIDE = File.expand_path("support/instructions_inside.rb", __dir__)
    WITHOUT = "without"

    def initialize(records)
      @records = records
    end

    def run
      counts = Dir.mktmpdir { |folder| count(File.join(folder, "part")) }
      operations = counts.keys.map(&:last).uniq
      ways = counts.keys.map(&:first).uniq
      operations.each { |operation| print_table(operation, ways.to_h { |way| [way, counts.fetch([way, operation])] }) }
    end

    private

    # @return [Hash{Array(String, String) => Integer}] way and operation => instructions a save
    def count(file)
      names = IO.popen(["valgrind", "--tool=callgrind", "--quiet", "--dump-before=getpgid",
                        "--callgrind-out-file=#{file}", RbConfig.ruby, INSIDE, @records.to_s], &:readlines)
      abort "instructions: valgrind or what it ran failed" unless $CHILD_STATUS.success?

      names.each_with_index.to_h do |name, index|
        part = File.foreach("#{file}.#{(index + 1) * 2}").grep(/\Asummary: /).first
        [name.split, Integer(part.split.last) / @records]
      end
    end

    def print_table(operation, counts)
      without = counts.fetch(WITHOUT)
      rows = counts.map { |way, count| [way, count.to_s, way == WITHOUT ? "" : (count - without).to_s] }
      Report.table(["#{operation}, instructions a save", "all", "added"], rows)
      counts.except(WITHOUT).each { |way, count| puts "INSTRUCTIONS #{operation}_added_#{way} #{count - without}" }
      puts
    end
  end
end

records = Integer(ENV.fetch("RECORDS", 50), exception: false)
abort "instructions: RECORDS is a positive whole number" unless records&.positive?
Bench::Instructions.new(records).run
