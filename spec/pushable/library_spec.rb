# frozen_string_literal: true

require "fileutils"
require "open3"
require "rbconfig"
require "shellwords"
require "tmpdir"
require "support/ruby_process"

RSpec.describe "The library" do
  root = RubyProcess::ROOT
  library = File.join(root, "lib/pushable/pushable_ext.#{RbConfig::CONFIG["DLEXT"]}")

  it "shows the world one symbol" do
    output, status = Open3.capture2e("nm", "-D", "--defined-only", library)
    skip "nm -D knows ELF alone" unless status.success?
    expect(output.lines.map { |line| line.split.last }).to eq(["Init_pushable_ext"])
  end

  it "has a core without Ruby" do
    sources = Dir[File.join(root, "ext/pushable/core/*.{c,h}")]
    expect(sources.size).to be > 20
    expect(sources.select { |path| File.read(path).match?(/\bruby\b.*\.h|\bVALUE\b|\brb_[a-z]+\(/) }).to be_empty
  end

  it "has a binding that knows neither curl nor yajl nor threads, and one file each for the first two" do
    including = lambda do |pattern|
      Dir[File.join(root, "ext/pushable/**/*.{c,h}")].select { |path| File.read(path).match?(pattern) }
                                                     .map { |path| path.delete_prefix("#{root}/ext/pushable/") }
    end
    expect(including.call(%r{#include <curl/})).to eq(["core/pu_http.c"])
    expect(including.call(%r{#include <yajl/})).to eq(["core/pu_json.c"])
    expect(including.call(/#include <pthread/)).to all(match(%r{\Acore/.*\.c\z}))
  end

  describe "loaded" do
    def loaded(code)
      RubyProcess.run("require 'pushable'; #{code}").output.chomp
    end

    it "starts no thread, opens no connection, and asks for no Rails" do
      threads = "[Thread.list.size, Dir.children('/proc/self/task').size]" # Ruby may have one of its own
      result = RubyProcess.run("before = #{threads}; require 'pushable'; p #{threads} == before, defined?(Rails), " \
                               "defined?(ActiveRecord), Pushable.stats.values.uniq")
      expect(result.output.chomp).to eq("true\nnil\nnil\n[0, nil, false]")
    end

    it "may be loaded before Active Record and after it" do
      expect(loaded("require 'active_record'; p ActiveRecord::Base.respond_to?(:push)")).to eq("true")
      result = RubyProcess.run("require 'active_record'; ActiveRecord::Base; require 'pushable'; " \
                               "p ActiveRecord::Base.respond_to?(:push)")
      expect(result.output.chomp).to eq("true")
    end

    it "encodes without Active Record, and without a warning" do
      result = RubyProcess.run("$VERBOSE = true; require 'pushable'; puts Pushable.encode({ a: [1, nil] })")
      expect(result.output.lines.grep_v(%r{/gems/}).join).to eq(%({"a":[1,null]}\n))
    end

    it "refuses wrong settings of the environment in one line" do
      result = RubyProcess.run("require 'pushable'", env: { "PUSHABLE_DELIVERY_METHOD" => "later" })
      expect(result.status).not_to be_success
      expect(result.output).to match(/delivery_method is one of :async, :inline, :test, got "later"/)
    end
  end

  describe "built where a header is missing" do
    # Stands in front of the compiler, and finds one header as little as it would on a machine that lacks it.
    def compiler_without(header, directory)
      name = RbConfig::CONFIG["CC"].shellsplit.first
      real = ENV["PATH"].split(":").map { |path| File.join(path, name) }.find { |path| File.executable?(path) }
      File.write(File.join(directory, File.basename(name)), <<~SHELL, perm: 0o755)
        #!/bin/sh
        if [ -f conftest.c ] && grep -q '<#{header}>' conftest.c; then
          echo 'conftest.c:1: fatal error: #{header}: No such file or directory' >&2
          exit 1
        fi
        exec #{real.shellescape} "$@"
      SHELL
    end

    def configure(header)
      Dir.mktmpdir do |directory|
        compiler_without(header, directory) if header
        env = { "PATH" => "#{directory}:#{ENV.fetch("PATH")}" }
        build = File.join(directory, "build")
        FileUtils.mkdir(build)
        output, status = Open3.capture2e(env, RbConfig.ruby, File.join(RubyProcess::ROOT, "ext/pushable/extconf.rb"),
                                         chdir: build)
        [output, status, File.exist?(File.join(build, "Makefile"))]
      end
    end

    { "curl/curl.h" => "libcurl 7.68 or newer", "yajl/yajl_gen.h" => "yajl 2" }.each do |header, wanted|
      it "stops without #{header}, with the packages for apt, dnf and brew" do
        output, status, makefile = configure(header)
        expect(status).not_to be_success
        expect(makefile).to be(false)
        expect(output).to include("Pushable needs #{wanted} with its headers",
                                  "apt install libcurl4-openssl-dev libyajl-dev",
                                  "dnf install libcurl-devel yajl-devel", "brew install curl yajl")
        expect(output).not_to match(/fatal error|extconf\.rb:\d+/)
      end
    end

    it "goes on when both are there" do
      output, status, makefile = configure(nil)
      expect(status).to be_success, output
      expect(makefile).to be(true)
    end
  end
end
