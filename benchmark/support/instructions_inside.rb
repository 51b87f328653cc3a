# frozen_string_literal: true

# What benchmark/instructions.rb counts: every way's operations, each between two marks. Prints "way operation" for
# each, in their order.

require_relative "database"
require_relative "members"
require_relative "operations"

# The queue fills and nobody empties it: the courier's thread would count as the saves'.
Pushable::Courier.prepend(Module.new do
  def start_thread
    @thread = Thread.current
  end
end)

# Callgrind writes a part whenever it sees this system call, which nothing else makes.
mark = -> { Process.getpgid(0) }

records = Integer(ARGV.fetch(0))
Bench::Database.open(Bench::Database::MEMORY)
ways = { "without" => Bench::PlainMember, "one" => Bench::PushedMember, "five" => Bench::FiveTimesMember }
ways.each_value { |model| Bench::Operations.new(model, 3).in_turn { |_name, block| block.call } } # fills the caches

GC.start
GC.disable # when it runs is a matter of chance
ways.each do |way, model|
  Bench::Operations.new(model, records).in_turn do |operation, block|
    mark.call
    block.call
    mark.call
    puts "#{way} #{Bench::Operations.word(operation, records)}"
  end
end

expected = Bench::Operations::NAMES.sum { |name| ways.each_value.sum { |model| model.messages(name) } } * (records + 3)
queued = Pushable.stats[:pending_messages]
warn "instructions: #{queued} messages are queued, not #{expected}" unless queued == expected
$stdout.flush
exit!(queued == expected) # at once: the messages have no server to go to
