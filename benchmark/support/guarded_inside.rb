# frozen_string_literal: true

# What benchmark/support/guarded.rb counts: the JSON of records in all states, and what the hooks do in a save. Every
# part lies between two marks; prints their names in that order.

require_relative "members"
require_relative "states"
require_relative "counted"

records = Integer(ARGV.fetch(0))
Bench::Database.open(Bench::Database::MEMORY)
states = Bench::States.new(Bench::Ten, records)
encode = ->(state) { states.records(state).then { |all| -> { all.each { |record| Pushable.encode(record) } } } }
values = Array.new(records) { |number| Bench::Member.columns_of(number) }
members = []
parts = Bench::States::NAMES.to_h { |state| ["encode_#{state}", -> { encode.call(state) }] }.merge(
  "push_create" => -> { -> { members = values.map { |columns| Bench::PushedMember.create!(columns) } } },
  "push_update" => -> { -> { members.each { |member| member.update!(name: "#{member.name} again") } } }
)
parts.each_value { |prepare| prepare.call.call } # fills the caches

GC.start
GC.disable # when it runs is a matter of chance
parts.each do |name, prepare|
  Bench::Counted.part(name, &prepare.call)
end

Bench::Counted.leave(records * 4)
