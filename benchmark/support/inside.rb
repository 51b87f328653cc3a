# frozen_string_literal: true

require "rbconfig"
require_relative "program"

module Bench
  # Loads the gem with a look into it: the extension's own objects, linked anew together with inside.c, which says what
  # there is to see.
  module Inside
    ROOT = File.expand_path("../..", __dir__)
    OBJECTS = "#{ROOT}/tmp/#{RbConfig::CONFIG["arch"]}/pushable_ext/#{RUBY_VERSION}/*.o".freeze
    SOURCE = File.join(__dir__, "inside.c")
    FOLDER = File.join(Program::FOLDER, "ruby-#{RUBY_VERSION}")
    WRAPPED = %w[pu_queue_take pu_http_wake rb_pu_init_courier_class].freeze
    HEADERS = [*RbConfig::CONFIG.values_at("rubyhdrdir", "rubyarchhdrdir"),
               "#{ROOT}/ext/pushable", "#{ROOT}/ext/pushable/core"].freeze

    module_function

    # Call it before anything requires the gem.
    def load
      Program.run(RbConfig.ruby, "-S", "rake", "--quiet", "compile", chdir: ROOT) # or what is old would be measured
      objects = Dir[OBJECTS]
      extension = File.join(FOLDER, "pushable/pushable_ext.#{RbConfig::CONFIG["DLEXT"]}")
      Program.made(extension, [SOURCE, __FILE__, *objects]) { |path| link(path, objects) }
      $LOAD_PATH.unshift(FOLDER)
      require "pushable"
    end

    def link(path, objects)
      compiler = RbConfig::CONFIG["LDSHARED"].split
      flags = %w[-std=gnu11 -O2 -fPIC -fvisibility=hidden -Wall -Wextra -Wno-unused-parameter -Werror]
      Program.run(*compiler, *flags, *HEADERS.map { |folder| "-I#{folder}" }, SOURCE, *objects,
                  *WRAPPED.map { |name| "-Wl,--wrap=#{name}" }, "-lcurl", "-lyajl", "-lm", "-o", path)
    end
  end
end
