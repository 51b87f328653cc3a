# frozen_string_literal: true

require "fileutils"
require "open3"

module Bench
  # The benchmarks' C programs, compiled when they are needed and kept until a source changes.
  module Program
    FOLDER = File.expand_path("../../tmp/bench", __dir__)
    FLAGS = %w[-std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow].freeze

    module_function

    # @param name [String] of the program
    # @param sources [Array<String>] files beside this one, headers included
    # @param libraries [Array<String>] as the linker wants them
    # @return [String] the program's path
    def compile(name, sources, libraries: [])
      sources = sources.map { |source| File.join(__dir__, source) }
      made(File.join(FOLDER, name), sources) do |path|
        run(ENV.fetch("CC", "cc"), *FLAGS, *sources.grep(/\.c\z/), *libraries, "-o", path)
      end
    end

    # @yieldparam path [String] to be made there when something that it is made of is younger
    # @return [String] the path
    def made(path, sources)
      return path if FileUtils.uptodate?(path, sources)

      FileUtils.mkdir_p(File.dirname(path))
      yield "#{path}.new"
      File.rename("#{path}.new", path)
      path
    end

    def run(*command, **options)
      output, status = Open3.capture2e(*command, **options)
      abort "#{$PROGRAM_NAME}: #{command.join(" ")}\n#{output}" unless status.success?
    end
  end
end
