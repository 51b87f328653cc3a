# frozen_string_literal: true

# How bin/test torture (spec/torture/Rakefile) makes it hard for the extension while its examples run. Without these
# settings they are examples like any other:
#
#   PUSHABLE_TEST_LIBRARY  the folder of an extension that was built another way
#   PUSHABLE_TEST_GC       what the collector does while code of the extension runs: stress or compact
$LOAD_PATH.unshift(ENV["PUSHABLE_TEST_LIBRARY"]) if ENV["PUSHABLE_TEST_LIBRARY"]
require_relative "pushing"

SQLite3::ForkSafety.suppress_warnings! if defined?(SQLite3::ForkSafety) # children that do not touch the database

module Torture
  LIBRARY = $LOADED_FEATURES.grep(%r{/pushable/pushable_ext\.}).first
  unless LIBRARY.start_with?(ENV.fetch("PUSHABLE_TEST_LIBRARY", ""))
    raise "#{LIBRARY} was loaded, and not that of PUSHABLE_TEST_LIBRARY"
  end

  # A collection of young objects at every allocation. One of all objects each time would take a day.
  module Stress
    YOUNG = 1

    def self.during
      before = GC.stress
      GC.stress = YOUNG
      yield
    ensure
      GC.stress = before
    end
  end

  # Every so many calls that are made while the extension's code runs: a collection of all objects that moves each one
  # it may, and then looks at every reference.
  module Compact
    CALLS = 97
    @calls = 0

    def self.during(&)
      TracePoint.new(:call, :c_call) { count_call }.enable(target_thread: Thread.current, &)
    end

    def self.count_call
      @calls += 1
      GC.verify_compaction_references(toward: :empty) if (@calls % CALLS).zero?
    end
  end

  # Surrounds every method that the extension defines for a class that holds Ruby objects. The courier holds none.
  def self.surround_extension(collector)
    owners = [Pushable, *%i[Hooks Direct Plan].map { |name| Pushable.const_get(name) }].map(&:singleton_class)
    (owners << Pushable.const_get(:Participant)).each do |owner|
      names = owner.instance_methods(false).reject { |name| owner.instance_method(name).source_location }
      raise "#{owner} has no method of the extension" if names.empty?

      owner.prepend(Module.new do
        names.each do |name|
          define_method(name) { |*arguments, **options| collector.during { super(*arguments, **options) } }
        end
      end)
    end
  end

  collector = { nil => nil, "stress" => Stress, "compact" => Compact }.fetch(ENV.fetch("PUSHABLE_TEST_GC", nil))
  surround_extension(collector) if collector
end
