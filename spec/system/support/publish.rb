# frozen_string_literal: true

# Publishes through the gem what it reads: one JSON array [channel, object, event] a line. Answers each line with
# "published" once the Faye server has taken the message, or with what went wrong.
#
#   PUSHABLE_SERVER=http://127.0.0.1:9292/faye ruby publish.rb

require "json"
require "pushable"

$stdout.sync = true
puts "ready"
$stdin.each_line do |line|
  channel, object, event = JSON.parse(line)
  sent = Pushable.publish(channel, object, event: event) && Pushable.flush
  puts sent ? "published" : "not published: #{Pushable.stats.inspect}"
end
