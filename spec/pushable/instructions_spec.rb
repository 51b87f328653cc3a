# frozen_string_literal: true

require "tmpdir"
require_relative "../../benchmark/support/baseline"
require_relative "../../benchmark/support/guarded"

# What the JSON of a record and a push cost, in machine instructions, beside what they cost when that was recorded
# (`bin/bench instructions --record`).
RSpec.describe "The machine instructions" do
  it "of the JSON of a record and of a push have not grown" do
    baseline = Bench::Baseline.new
    skip "no baseline for this machine: #{baseline.machine}" unless baseline.counts

    grown = baseline.grown(Bench::Guarded.count)
    expect(grown).to be_empty, grown.join("\n")
  end

  describe "recorded" do
    let(:folder) { Dir.mktmpdir }
    let(:baseline) { Bench::Baseline.new(File.join(folder, "instructions.json")) }

    after { FileUtils.remove_entry(folder) }

    it "are this machine's alone" do
      expect(baseline.counts).to be_nil
      baseline.record("encode" => 1)
      allow(baseline).to receive(:machine).and_return("another")
      expect(baseline.counts).to be_nil
      baseline.record("encode" => 2)
      allow(baseline).to receive(:machine).and_call_original
      expect(baseline.counts).to eq("encode" => 1)
    end

    it "may grow by a twentieth, and no more" do
      baseline.record("encode" => 1000, "push" => 2000)
      expect(baseline.grown("encode" => 1050, "push" => 100)).to eq([])
      expect(baseline.grown("encode" => 1051, "push" => 2000))
        .to eq(["encode: 1000 instructions before, 1051 now"])
    end
  end
end
