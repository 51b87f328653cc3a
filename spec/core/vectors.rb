# frozen_string_literal: true

# Writes the channel vectors that Ruby and JavaScript share as a C table: ruby vectors.rb channels.json > channels.h
require "json"

# Octal escapes: unlike hexadecimal ones they end after three digits, whatever follows.
def literal(text)
  %("#{text.bytes.map { |byte| format("\\%03o", byte) }.join}")
end

vectors = JSON.parse(File.read(ARGV.fetch(0)))
puts "static const struct channel_vector {", "    const char *name;", "    size_t length;",
     "    const char *channel; /* NULL: refused */", "} channel_vectors[] = {"
vectors.each do |vector|
  channel = vector["error"] ? "NULL" : literal(vector.fetch("channel"))
  puts "    {#{literal(vector.fetch("name"))}, #{vector.fetch("name").bytesize}, #{channel}},"
end
puts "};"
