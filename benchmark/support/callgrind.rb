# frozen_string_literal: true

require "open3"
require "rbconfig"
require "tmpdir"

module Bench
  # Counts the machine instructions of parts of a script. The script has each run by Counted.part, which marks where it
  # begins and ends: callgrind writes what it has counted at every mark, so that odd files are what lies between the
  # parts, even ones the parts.
  module Callgrind
    module_function

    # @param script [String] a file beside this one
    # @param within [Array<String>] C functions: only what they and their callees do counts; everything when empty
    # @return [Hash{String => Integer}] name => instructions
    # @raise [RuntimeError] when valgrind or the script fails, or a part has no instruction
    def count(script, *arguments, within: [])
      Dir.mktmpdir do |folder|
        file = File.join(folder, "part")
        names = run(["valgrind", "--tool=callgrind", "--quiet", "--dump-before=getpgid", "--callgrind-out-file=#{file}",
                     *within.map { |function| "--toggle-collect=#{function}" },
                     RbConfig.ruby, File.join(__dir__, script), *arguments.map(&:to_s)])
        names.each_with_index.to_h { |name, index| [name, summary("#{file}.#{(index + 1) * 2}", name)] }
      end
    end

    def run(command)
      output, status = Open3.capture2(*command)
      raise "valgrind or what it ran failed" unless status.success?

      output.lines(chomp: true)
    end

    def summary(file, name)
      line = File.foreach(file).grep(/\A(summary|totals): /).first
      count = Integer(line.split.last)
      raise "#{name} has no instruction: has a C function another name?" unless count.positive?

      count
    end
  end
end
