# frozen_string_literal: true

# Checks sizes and words: ruby limits.rb FILE...
#
# Prints every breach and exits 1. A function is what stands between a "{" and a "}" in the first column.

LONGEST_FILE = 500
LONGEST_FUNCTION = 60
# Functions that write past a buffer's end, or read numbers and strings without telling a failure.
UNSAFE = /\b(?:sprintf|vsprintf|strcpy|strcat|strncpy|strncat|gets|atoi|atol|strtok|alloca)\s*\(/
# A library inside an application neither ends it nor writes to its terminal.
RUDE = /\b(?:assert|abort|exit|_exit|printf|puts|perror|signal|sigaction)\s*\(/

breaches = ARGV.flat_map do |path|
  text = File.read(path).gsub(%r{/\*.*?\*/}m) { |comment| "\n" * comment.count("\n") }.gsub(/"(?:[^"\\\n]|\\.)*"/, '""')
  lines = text.lines
  found = []
  found << "#{path}: #{lines.size} lines, at most #{LONGEST_FILE}" if lines.size > LONGEST_FILE
  start = nil
  lines.each.with_index(1) do |line, number|
    word = line[UNSAFE] || (path.include?("/core/pu_") && line[RUDE])
    found << "#{path}:#{number}: #{word.chomp("(").strip} is banned" if word
    start = number if line.start_with?("{")
    next unless start && line.start_with?("}")

    length = number - start + 1
    found << "#{path}:#{start}: a function of #{length} lines, at most #{LONGEST_FUNCTION}" if length > LONGEST_FUNCTION
    start = nil
  end
  found
end
puts breaches
exit breaches.empty?
