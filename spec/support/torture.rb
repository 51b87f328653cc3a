# frozen_string_literal: true

# How `bin/test torture` (spec/torture/Rakefile) makes it hard for the extension while its examples run. Without these
# settings they are examples like any other:
#
#   PUSHABLE_TEST_LIBRARY  the folder of an extension that was built another way
#   PUSHABLE_TEST_GC       what the collector does while the extension's code runs: one of Torture::COLLECTOR
$LOAD_PATH.unshift(ENV["PUSHABLE_TEST_LIBRARY"]) if ENV["PUSHABLE_TEST_LIBRARY"]
require_relative "pushing"

SQLite3::ForkSafety.suppress_warnings! if defined?(SQLite3::ForkSafety) # the children do not touch the database

module Torture
  LIBRARY = $LOADED_FEATURES.grep(%r{/pushable/pushable_ext\.}).first
  unless LIBRARY.start_with?(ENV.fetch("PUSHABLE_TEST_LIBRARY", ""))
    raise "#{LIBRARY} was loaded, and not that of PUSHABLE_TEST_LIBRARY"
  end

  module_function

  # A collection at every allocation.
  def stress
    before = GC.stress
    GC.stress = true
    yield
  ensure
    GC.stress = before
  end

  # And each moves what may be moved.
  def compact(&)
    before = GC.auto_compact
    GC.auto_compact = true
    stress(&)
  ensure
    GC.auto_compact = before
  end

  # Before and after, everything that may be moved is, and each reference is looked at.
  def verify
    GC.verify_compaction_references(toward: :empty)
    yield
  ensure
    GC.verify_compaction_references(toward: :empty)
  end

  COLLECTOR = { "stress" => method(:stress), "compact" => method(:compact), "verify" => method(:verify) }.freeze

  # Runs every method of the extension that way; but not the courier's loop, which lasts as long as the process.
  def surround_extension(collector)
    [Pushable, *%i[Hooks Direct Plan].map { |name| Pushable.const_get(name) }].map(&:singleton_class)
      .push(Pushable.const_get(:Participant), Pushable::Courier).each do |owner|
      names = owner.instance_methods(false).select { |name| owner.instance_method(name).source_location.nil? } - [:run]
      raise "#{owner} has no method of the extension" if names.empty?

      owner.prepend(surrounding(names, collector))
    end
  end

  def surrounding(names, collector)
    Module.new do
      names.each do |name|
        define_method(name) { |*arguments, **options| collector.call { super(*arguments, **options) } }
      end
    end
  end

  surround_extension(COLLECTOR.fetch(ENV["PUSHABLE_TEST_GC"])) if ENV["PUSHABLE_TEST_GC"]
end
