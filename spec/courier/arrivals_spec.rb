# frozen_string_literal: true

require "support/arrivals"
require "tmpdir"

# The checker of the other specs here: what it must not let pass.
RSpec.describe Arrivals do
  subject(:arrivals) { described_class.new(File.join(@directory, "arrivals")) }

  around { |example| Dir.mktmpdir { |directory| (@directory = directory) && example.run } }

  # @param lines [Array<Integer, String>] a message's number, with its application in front or not, or a mark
  def verdict(*lines, published: 0...3)
    lines = lines.map do |line|
      next line if described_class::MARKS.include?(line)

      source, n = line.to_s.rpartition(":").values_at(0, 2)
      %({"channel":"/sync/numbers","id":"#{source}-#{n}","data":{"id":"#{source}-#{n}","object":{"n":#{n}}}})
    end
    File.write(arrivals.path, "#{lines.join("\n")}\n", mode: "a")
    arrivals.verdict(published)
  end

  it "is content with all of them, once and in order" do
    expect(verdict("+", 0, 1, 2)).to be_sound.and have_attributes(arrived: 3, duplicated: 0)
  end

  it "misses what did not come" do
    expect(verdict("+", 0, 2)).to have_attributes(sound?: false, lost: [1], reordered: 0)
  end

  it "sees what came first behind a later one, and of each application by itself" do
    expect(verdict("+", 0, 2, 1)).to have_attributes(sound?: false, reordered: 1, lost: [])
    expect(verdict("other:0", "other:1", "other:2")).to have_attributes(reordered: 1)
  end

  it "excuses what comes again after a lost acknowledgement, or another server's start" do
    expect(verdict("+", 0, 1, "!", 0, 1, 2)).to be_sound.and have_attributes(duplicated: 2)
    expect(verdict("+", 0, 1, 2)).to be_sound.and have_attributes(duplicated: 5)
  end

  it "does not excuse what comes again without one" do
    expect(verdict("+", 0, "!", 0, 0, 1, 2)).to have_attributes(sound?: false, unexplained: 1)
  end

  it "does not excuse more than a batch for each" do
    all = (0..described_class::BATCH).to_a
    expect(verdict(*all, "!", *all, published: all)).to have_attributes(sound?: false, unexplained: 1)
  end

  it "reads on where it was, and no line that is not complete" do
    expect(verdict("+", 0)).to have_attributes(arrived: 1)
    File.write(arrivals.path, '{"channel":"/sync/numbers","id":"-1","data":{"id":"-1","obj', mode: "a")
    expect(arrivals.count).to eq(1)
    File.write(arrivals.path, "ect\":{\"n\":1}}}\n", mode: "a")
    expect(arrivals.count).to eq(2)
  end
end
