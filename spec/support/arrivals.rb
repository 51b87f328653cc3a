# frozen_string_literal: true

require "tempfile"

# What servers took: a file that they append a line to for every message, as it came, before they acknowledge it; "+"
# when one begins, and "!" when an acknowledgement did not arrive. A kill leaves it as it is.
class ArrivalLog
  attr_reader :path

  def initialize(path)
    @path = path
    @read = 0
  end

  # Yields the lines that have come since the last call.
  def each_new
    return unless File.exist?(path)

    File.open(path) do |file|
      file.seek(@read)
      file.each_line do |line|
        break unless line.end_with?("\n") # the rest of it is on its way

        @read += line.bytesize
        yield line.chomp
      end
    end
  end
end

# Checks what servers took against what applications published: objects that begin with a number, {n: 0}, {n: 1}, ...,
# each application its own numbers.
#
# A message may come twice where its acknowledgement may have been lost: where a server ended or could not send it, and
# then no more than a batch of them.
class Arrivals
  BATCH = 100
  MARKS = %w[+ !].freeze
  NUMBERED = /"id":"(?<source>[^"]*)-\d+",.*?"object":\{"n":(?<n>\d+)/

  # lost: numbers that did not come; duplicated: how many came again; reordered: those that came first behind a later
  # one of their application; unexplained: repetitions that no lost acknowledgement stands for.
  Verdict = Struct.new(:arrived, :lost, :duplicated, :reordered, :unexplained, keyword_init: true) do
    def sound? = lost.empty? && reordered.zero? && unexplained.zero?

    def to_s
      format("arrived %6d  lost %4d  duplicated %4d  reordered %d", arrived, lost.size, duplicated, reordered)
    end
  end

  attr_reader :marks

  # @param path [String] of an ArrivalLog; by default that of a new file, which goes with this object
  def initialize(path = (@file = Tempfile.new("arrivals")).path)
    @log = ArrivalLog.new(path)
    @marks = 0
    @seen = Hash.new { |seen, source| seen[source] = [] } # a number's marks so far, when it came last
    @duplicated = @reordered = @without_mark = 0
  end

  def path = @log.path

  # @return [self]
  def read
    @log.each_new { |line| MARKS.include?(line) ? @marks += 1 : note(line) }
    self
  end

  # @return [Integer] how many different messages have come so far
  def count = read.numbers.size

  # @param published [Enumerable<Integer>] by all applications
  # @return [Verdict]
  def verdict(published)
    arrived = count
    Verdict.new(arrived:, lost: published.to_a - numbers, duplicated: @duplicated, reordered: @reordered,
                unexplained: @without_mark + [@duplicated - (@marks * BATCH), 0].max)
  end

  # @return [Array<Integer>] what has come as far as it was read, of each application in the order of the numbers
  def numbers
    @seen.values.flat_map { |marks| marks.each_index.select { |n| marks[n] } }
  end

  private

  def note(line)
    numbered = NUMBERED.match(line) or return # a resync has no object
    seen = @seen[numbered[:source]]
    n = Integer(numbered[:n])
    seen[n] ? repeated(seen[n]) : first(seen, n)
    seen[n] = @marks
  end

  def repeated(marks)
    @duplicated += 1
    @without_mark += 1 if marks == @marks
  end

  def first(seen, number)
    @reordered += 1 if number < seen.size
  end
end
