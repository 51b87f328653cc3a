# frozen_string_literal: true

# Checks who includes whom: ruby layers.rb ext/pushable
#
# A file includes only files of lower lines, never its neighbours, so there are no circles and the core never knows of
# Ruby. Prints every breach and exits 1.

CORE = [
  %w[result clock random number instant],
  %w[buf id ring],
  %w[text],
  %w[json message],
  %w[bayeux reply queue outcome gaps pace],
  %w[http ledger],
  %w[retry verdict],
  %w[link resync post],
  %w[sender],
  %w[courier]
].map { |line| line.map { |name| "pu_#{name}" } }.freeze

BINDING = [
  %w[pushable_ext],
  %w[errors],
  %w[notes plan shape moves attribute courier_class origin type settings zone],
  %w[value delivery layout],
  %w[scalar],
  %w[verify dirty],
  %w[walk view],
  %w[serializer],
  %w[row changes membership publish],
  %w[payload],
  %w[dispatch],
  %w[routing direct resync],
  %w[journal],
  %w[hooks],
  %w[init]
].freeze

# Libraries and the only file that may include them.
OWNERS = { "curl" => "pu_http.c", "yajl" => "pu_json.c" }.freeze
# Types that must not show in a header of the core.
HIDDEN = /\b(?:CURL\w*|curl_\w+|yajl_\w+|pthread_\w+)\b/

# One source file: what it includes, and its text without comments and strings.
class Source
  attr_reader :path, :name, :text

  def initialize(path)
    @path = path
    @name = File.basename(path)
    @raw = File.read(path)
    @text = @raw.gsub(%r{/\*.*?\*/}m, " ").gsub(/"(?:[^"\\]|\\.)*"/, '""')
  end

  def base = File.basename(name, ".*")
  def header? = name.end_with?(".h")
  def own_includes = @raw.scan(/^\s*#\s*include\s+"([^"]+)"/).flatten
  def system_includes = @raw.scan(/^\s*#\s*include\s+<([^>]+)>/).flatten
end

# Collects the breaches of the files under one folder.
class Layers
  attr_reader :breaches

  def initialize(root)
    @core = sources(File.join(root, "core"))
    @binding = sources(root)
    @level = (CORE + BINDING).each_with_index.flat_map { |line, i| line.map { |base| [base, i] } }.to_h
    @breaches = []
    check
  end

  private

  def sources(folder) = Dir[File.join(folder, "*.{c,h}")].map { |path| Source.new(path) }

  def breach(source, message) = @breaches << "#{source.path}: #{message}"

  def check
    @core.each { |source| check_core(source) }
    @binding.each { |source| check_libraries(source, []) }
    (@core + @binding).each { |source| check_order(source) }
    (@level.keys - (@core + @binding).map(&:base)).each do |base|
      @breaches << "layers.rb: no file #{base}.[ch] any more"
    end
  end

  def check_core(source)
    check_libraries(source, OWNERS.select { |_, owner| owner == source.name }.keys)
    source.system_includes.grep(/ruby/).each { |name| breach(source, "the core includes Ruby's <#{name}>") }
    return unless source.header?

    breach(source, "a header includes <pthread.h>") if source.system_includes.include?("pthread.h")
    source.text.scan(HIDDEN).uniq.each { |type| breach(source, "#{type} shows in a header") }
  end

  def check_libraries(source, allowed)
    source.system_includes.each do |name|
      library = name[%r{\A(curl|yajl)/}, 1]
      breach(source, "includes <#{name}>; only #{OWNERS[library]} may") if library && !allowed.include?(library)
    end
  end

  def check_order(source)
    level = @level[source.base] or return breach(source, "not in the lists of layers.rb: give it a place")
    source.own_includes.each do |name|
      base = File.basename(name, ".*")
      next if !source.header? && name == "#{source.base}.h"

      breach(source, "includes \"#{name}\", which is not below it") unless @level[base] && @level[base] < level
    end
  end
end

breaches = Layers.new(ARGV.fetch(0)).breaches
puts breaches
exit breaches.empty?
