# frozen_string_literal: true

require "support/courier_runs"
require "support/soak"

# A short one; bin/bench soak takes ten minutes.
RSpec.describe "Faults and kills at random", :courier do
  it "lose nothing, change no order, and leave nothing behind in the process" do
    soak = Soak.new(random:, rate: 2500).tap { |started| processes << started }
    soak.run(8)
    expect_sound("soak: #{soak.faults} faults, #{soak.kills} kills", soak.verdict, soak.published)
    expect(soak.stats).to include(delivered: soak.published, dropped: 0, rejected: 0)
    expect(soak.growth(:bytes)).to be < 8 * 1024 * 1024
    expect(soak.growth(:descriptors)).to be <= 1 # a connection may be open, or not
  end
end
