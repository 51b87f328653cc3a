# frozen_string_literal: true

module Bench
  # On what a benchmark ran.
  module Versions
    module_function

    # @param libraries [Hash{String => String}] name => version
    # @return [String]
    def line(libraries)
      ["Ruby #{RUBY_VERSION} (#{RUBY_PLATFORM})", "YJIT #{yjit}", *libraries.map { |pair| pair.join(" ") }].join(", ")
    end

    def yjit
      return "not built in" unless defined?(RubyVM::YJIT)

      RubyVM::YJIT.enabled? ? "on" : "off"
    end
  end
end
