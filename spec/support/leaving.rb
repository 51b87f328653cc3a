# frozen_string_literal: true

require "fiddle"
require "timeout"
require "tmpdir"
require_relative "models"

# An application that leaves the extension's code in the middle of a document, and what its process holds afterwards
# more than before.
#
#   Leaving.new(:raise, :encode).cost(10_000)   # => { bytes: 1032, objects: 12, threads: 0, descriptors: 0 }
class Leaving
  THREADS = 10 # as much of the time is spent asleep
  WARM_UP = 2000 # tries until a process has what it keeps for good

  def initialize(way, attempt)
    @way = way
    @attempt = method(attempt)
    @value = ["x" * 300, { deep: [2**80, self] }].freeze
  end

  def as_json(*)
    case @way
    when :raise then raise KeyError
    when :throw then throw self
    when :time_out then sleep
    end
  end

  def cost(tries)
    @work = Queue.new
    @done = Queue.new
    threads = Array.new(THREADS) { Thread.new { work } } # before and after: a thread that has ended keeps its stack
    try(WARM_UP)
    before = holdings
    try(tries)
    holdings.merge(before) { |_, after, count| after - count }
  ensure
    @work.close
    threads.each(&:join)
  end

  private

  def try(times)
    THREADS.times { @work << (times / THREADS) }
    THREADS.times { @done.pop }
  end

  def work
    while (times = @work.pop)
      times.times { live }
      @done << true
    end
  end

  def live
    catch(self) { @way == :time_out ? Timeout.timeout(0.0005) { @attempt.call } : @attempt.call }
  rescue KeyError, Timeout::Error
    nil
  end

  def encode = Pushable.encode(@value)
  def publish = Pushable.publish("all", @value)

  def holdings
    4.times { GC.start }
    { bytes: allocated, objects: GC.stat(:heap_live_slots), threads: Dir.children("/proc/self/task").size,
      descriptors: Dir.children("/proc/self/fd").size }
  end

  # What was allocated and not freed, to the byte, and not what the allocator keeps for later.
  def allocated
    sums = malloc_info.rpartition("</heap>").last
    size = ->(type) { Integer(sums[/ type="#{type}"[^>]* size="(\d+)"/, 1]) }
    size["current"] + size["mmap"] - size["rest"] - size["fast"]
  end

  def malloc_info
    path = File.join(Dir.tmpdir, "malloc_info.#{Process.pid}")
    file = c("fopen", [Fiddle::TYPE_VOIDP, Fiddle::TYPE_VOIDP], Fiddle::TYPE_VOIDP).call(path, "w")
    c("malloc_info", [Fiddle::TYPE_INT, Fiddle::TYPE_VOIDP]).call(0, file)
    c("fclose", [Fiddle::TYPE_VOIDP]).call(file)
    File.read(path)
  ensure
    File.delete(path)
  end

  def c(name, arguments, result = Fiddle::TYPE_INT)
    Fiddle::Function.new(Fiddle.dlopen(nil)[name], arguments, result)
  end
end
