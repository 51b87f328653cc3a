# frozen_string_literal: true

# What benchmark/instructions.rb counts: every way's operations, each between two marks. Prints "way operation" for
# each, in their order.

require_relative "database"
require_relative "members"
require_relative "operations"
require_relative "counted"

records = Integer(ARGV.fetch(0))
Bench::Database.open(Bench::Database::MEMORY)
ways = { "without" => Bench::PlainMember, "one" => Bench::PushedMember, "five" => Bench::FiveTimesMember }
ways.each_value { |model| Bench::Operations.new(model, 3).in_turn { |_name, block| block.call } } # fills the caches

GC.start
GC.disable # when it runs is a matter of chance
ways.each do |way, model|
  Bench::Operations.new(model, records).in_turn do |operation, block|
    Bench::Counted.part("#{way} #{Bench::Operations.word(operation, records)}", &block)
  end
end

expected = Bench::Operations::NAMES.sum { |name| ways.each_value.sum { |model| model.messages(name) } } * (records + 3)
Bench::Counted.leave(expected)
