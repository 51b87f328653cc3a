# frozen_string_literal: true

# What a push costs its caller, beside a Ruby queue and several ways to post by oneself.
#
# ROUNDS (default 31) may be set. Takes about a minute.

require_relative "support/sink"

sink = Bench::Sink.start
at_exit { sink.stop }

require_relative "support/inside"

Bench::Inside.load

require_relative "support/bodies"
require_relative "support/clients"
require_relative "support/gang"
require_relative "support/guard"
require_relative "support/report"
require_relative "support/rounds"
require_relative "support/settings"
require_relative "support/versions"

Pushable.logger = Logger.new(nil) # a full queue is told of
Pushable.configure { |config| config.server = sink.url }

module Bench
  # One object of one size, pushed by one thread and by several, by all ways in turns.
  class Push
    PEERS = [Clients::Kept, Clients::Fresh, Clients::Curb, Clients::Form].freeze
    NOTHING = "a Ruby call that does nothing"
    WARM = "a push"
    FULL = "a push, the queue is full"
    WAKE = "a push that wakes the courier"
    PUBLISH = "Pushable.publish, its encoding included"
    ENCODE = "Pushable.encode alone"
    QUEUE = "Thread::Queue#<<"
    CALLS = { NOTHING => :nothing, WARM => :push, PUBLISH => :publish, ENCODE => :encode }.freeze
    PUSHING = [WARM, PUBLISH].freeze
    WORDS = { WARM => "warm", FULL => "full", WAKE => "wake", PUBLISH => "publish", ENCODE => "encode",
              QUEUE => "queue" }.merge(PEERS.to_h { |peer| [peer::TITLE, peer::WORD] }).freeze
    ROWS = [NOTHING, WARM, FULL, WAKE, ENCODE, PUBLISH, QUEUE, *PEERS.map { |peer| peer::TITLE }].freeze

    WARMING = 2 # times that the queue's memory is used: a large one before has given it back
    POSTS = 20  # of a client in a block
    WAKES = 4   # in a round
    ASLEEP = 0.02 # seconds after which the courier, with nothing to do, sleeps: it rests 5 ms first

    # @param title [String] the size, for people, and @param word [String] for machines
    # @param pushes [Integer] in a block: few enough for the queue
    def initialize(sink, title, word, bytes:, pushes:)
      @sink = sink
      @guard = Guard.new(sink)
      @title = title
      @word = word
      @object = Bodies.object(bytes)
      @json = JSON.generate(@object)
      @pushes = pushes
      @gangs = [1, 4].map { |threads| Gang.new(threads) }
      @posting = PEERS.to_h { |peer| [peer, Array.new(4) { |number| posting(peer, number) }] }
      @wakes = []
    end

    def run(rounds)
      @rounds = Rounds.new(rounds, @pushes)
      @rounds.run do
        @gangs.each { |gang| round(gang) }
        wake
      end
      @objects = CALLS.to_h { |row, call| [row, PUSHING.include?(row) ? held { objects(call) } : objects(call)] }
      print_table
      print_figures
      print_ratios
      puts
    end

    private

    def posting(peer, number)
      [peer.new(@sink.url), Bodies.new("#{@word}-#{peer::WORD}-#{number}", @json)]
    end

    def round(gang)
      calls(NOTHING, gang)
      calls(ENCODE, gang)
      WARMING.times { held { push(@pushes) } }
      PUSHING.each { |row| held { calls(row, gang) } }
      full(gang)
      queue(gang)
      PEERS.each { |peer| posts(peer, gang) }
    end

    # --- The gem ---

    # While the block runs, the courier waits for the answer to a POST: a push only fills the queue. Then all is sent.
    # @yieldreturn [Object] after as many pushes as a block has
    def held(more: 0, &block)
      before = Pushable.stats
      result = @sink.hold do
        push(1)
        sleep 0.001 until @sink.counts[:held].positive?
        block.call
      end
      settle(before, 1 + more + @pushes)
      result
    end

    def settle(before, pushed)
      Pushable.flush(20) || abort("push: not delivered in 20 s: #{Pushable.stats}")
      delivered, dropped = %i[delivered dropped].map { |name| Pushable.stats[name] - before[name] }
      @guard.check("the gem", delivered, gaps: dropped.positive?)
      return if delivered + dropped == pushed

      abort "push: #{pushed} pushes, but #{delivered} were delivered and #{dropped} dropped"
    end

    def full(gang)
      room = Pushable.config.queue_messages
      held(more: room) do
        push(room)
        measure(FULL, gang, method(:push))
      end
    end

    def calls(row, gang)
      measure(row, gang, method(CALLS.fetch(row)))
    end

    # Each alone: what lies between them is not measured.
    def wake
      WAKES.times do
        before = Pushable.stats
        sleep ASLEEP
        woken = Pushable::Inside.wakes
        took = @gangs.first.run([-> { push(1) }])
        @wakes << took if Pushable::Inside.wakes == woken + 1 # else it was not asleep
        settle(before, 1)
      end
    end

    def nothing(count)
      json = @json
      count.times { Pushable::Inside.nothing(Bodies::CHANNEL, json) }
    end

    def push(count)
      json = @json
      count.times { Pushable::Inside.push(Bodies::CHANNEL, json) }
    end

    def publish(count)
      object = @object
      count.times { Pushable.publish("bench", object) }
    end

    def encode(count)
      object = @object
      count.times { Pushable.encode(object) }
    end

    def objects(call)
      GC.start
      GC.disable
      before = GC.stat(:total_allocated_objects)
      send(call, @pushes)
      after = GC.stat(:total_allocated_objects)
      (after - before) / @pushes.to_f
    ensure
      GC.enable
    end

    # --- The others ---

    def queue(gang)
      queue = Thread::Queue.new
      json = @json
      measure(QUEUE, gang, ->(count) { count.times { queue << json } })
    end

    def posts(peer, gang)
      jobs = @posting.fetch(peer).first(gang.size).map do |client, bodies|
        bodies.take(POSTS / gang.size).then { |texts| -> { texts.each { |text| client.post(text) } } }
      end
      note(peer::TITLE, gang, jobs, POSTS)
      @guard.check(peer::TITLE, POSTS)
    end

    def measure(row, gang, action)
      note(row, gang, Array.new(gang.size) { -> { action.call(@pushes / gang.size) } }, @pushes)
    end

    def note(row, gang, jobs, operations)
      GC.start # no way pays for the garbage of another
      @rounds.note([row, gang.size], gang.run(jobs) / operations)
    end

    # --- The report ---

    def print_table
      header = ["ns a call, #{@title}", "1 thread", "net", "4 threads", "net", "objects"]
      Report.table(header, ROWS.map { |row| [row, *costs(row), made(row)] })
    end

    def costs(row)
      return [nanoseconds(waking), "", "", ""] if row == WAKE

      threads.flat_map do |threads|
        net = row == NOTHING ? "" : nanoseconds(net(row, threads))
        [nanoseconds(cost(row, threads)), net]
      end
    end

    def made(row)
      @objects.key?(row) ? Report.number(@objects[row]) : ""
    end

    def print_figures
      threads.product([WARM, FULL, ENCODE, PUBLISH]) do |threads, row|
        print_cost(name(row, threads), cost(row, threads), net(row, threads))
      end
      Report.figure("NS", name(WAKE, 1), waking.median * 1000)
      Report.figure("NS", "#{name(WAKE, 1)}_p95", waking.quantile(0.95) * 1000)
      @objects.except(NOTHING).each { |row, count| Report.figure("OBJECTS", name(row, 1), count) }
    end

    def print_cost(name, cost, net)
      Report.figure("NS", name, cost.median * 1000)
      Report.figure("NS", "#{name}_net", net.median * 1000)
    end

    def print_ratios
      threads.product([QUEUE, *PEERS.map { |peer| peer::TITLE }]) do |threads, row|
        Report.ratio("#{name(row, threads)}_vs_push", cost(row, threads).median / cost(WARM, threads).median)
      end
      old = cost(Clients::Form::TITLE, 1).median
      Report.ratio("#{name(Clients::Form::TITLE, 1)}_vs_wake", old / waking.median)
    end

    def name(row, threads)
      "push_#{@word}_#{WORDS.fetch(row)}#{"_#{threads}_threads" if threads > 1}"
    end

    def cost(row, threads)
      @rounds.cost([row, threads], :wall)
    end

    def net(row, threads)
      @rounds.added([row, threads], [NOTHING, threads], :wall)
    end

    def waking
      Sample.new(@wakes)
    end

    def threads
      @gangs.map(&:size)
    end

    def nanoseconds(sample)
      format("%.0f", sample.median * 1000)
    end
  end
end

rounds = Bench::Settings.number("ROUNDS", 31)

puts Bench::Versions.line("libcurl" => Curl::CURL_LONG_VERSION[/[\d.]+/], "curb" => Curl::CURB_VERSION)
puts
Bench::Push.new(sink, "an object of 200 bytes", "200b", bytes: 200, pushes: 2000).run(rounds)
Bench::Push.new(sink, "an object of 2,000 bytes", "2kb", bytes: 2000, pushes: 400).run(rounds)
