# frozen_string_literal: true

# What benchmark/instructions.rb counts: every way's operations, each between two marks. Prints "way operation" for each.

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
ways = [Bench::PlainMember, Bench::PushedMember, Bench::FiveTimesMember]
ways.each { |way| Bench::Operations.new(way, 3).each { |_operation, block| block.call } } # caches and plans are filled

GC.start
GC.disable # when it runs is a matter of chance
ways.each do |way|
  Bench::Operations.new(way, records).each do |operation, block|
    mark.call
    block.call
    mark.call
    puts "#{way.name.split("::").last} #{operation}"
  end
end

expected = Bench::Operations::NAMES.sum { |name| ways.sum { |way| way.messages(name) } } * (records + 3)
queued = Pushable.stats[:pending_messages]
abort "instructions: #{queued} messages are queued, not #{expected}" unless queued == expected
$stdout.flush
exit!(true) # the messages have no server to go to
