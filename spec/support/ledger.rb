# frozen_string_literal: true

require "json"
require "tempfile"
require_relative "arrivals"

# What an application's processes have pushed, as they wrote it down themselves (Saying), compared with what a server
# took.
class Ledger
  # Numbers of messages. Unnoted: those that arrived, and whose caller was interrupted before it could write them down.
  Verdict = Struct.new(:pushed, :delivered, :lost, :duplicated, :reordered, :unnoted) do
    def to_s = to_h.map { |name, count| "#{name} #{count}" }.join("  ")
  end

  # What a server took: what the messages say, and the places that their queues gave them.
  class Taken
    attr_reader :said, :places

    # @param arrivals [Arrivals]
    # @yieldparam object [Hash] what a message says
    # @yieldreturn [Array(Object, Integer)] who says it, and which of theirs it is
    def initialize(arrivals)
      lines = ArrivalLog.new(arrivals.path).enum_for(:each_new).to_a - Arrivals::MARKS
      messages = lines.map { |line| JSON.parse(line) }
      @said = messages.map { |message| yield message["data"]["object"] }
      @places = messages.map { |message| message["id"].split("-").then { |queue, number| [queue, number.to_i] } }
    end

    # @param pushed [Array<Array(Object, Integer)>]
    def verdict(pushed)
      Verdict.new(pushed.size, said.uniq.size, (pushed - said).size, said.size - said.uniq.size,
                  out_of_order(said.uniq) + out_of_order(places.uniq), (said - pushed).uniq.size)
    end

    private

    def out_of_order(numbered)
      numbered.group_by(&:first).each_value.sum { |own| own.each_cons(2).count { |one, other| one.last > other.last } }
    end
  end

  def initialize
    @file = Tempfile.new("ledger")
  end

  def path = @file.path

  # @return [Array<Array(String, Integer)>] who, and which number
  def noted
    File.foreach(path).map { |line| line.split.then { |by, number| [by, Integer(number, 10)] } }
  end

  def verdict(arrivals)
    Taken.new(arrivals) { |object| object.values_at("by", "n") }.verdict(noted)
  end
end
