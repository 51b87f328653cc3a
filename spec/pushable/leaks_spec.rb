# frozen_string_literal: true

require "support/app_process"

# However an application leaves the extension's code, nothing stays behind: counted over ten thousand tries of each way.
RSpec.describe "Leaving the extension's code" do
  tries = 10_000
  smallest_block = 32 # of the allocator, in bytes

  before { skip "needs /proc and glibc's malloc_info" unless RUBY_PLATFORM.match?(/linux(-gnu)?\z/) }

  { encode: %i[raise throw time_out], publish: %i[raise] }.each do |attempt, ways|
    ways.each do |way|
      it "in the middle of #{attempt} by a #{way} keeps nothing" do
        app = AppProcess.start("http://127.0.0.1:1/", delivery_method: "test")
        cost = app.run("require 'support/leaving'; Leaving.new(:#{way}, :#{attempt}).cost(#{tries})")
        app.stop
        expect(cost[:bytes]).to be < tries * smallest_block / 2
        expect(cost[:objects]).to be < tries / 10
        expect(cost.slice(:threads, :descriptors)).to eq(threads: 0, descriptors: 0)
      end
    end
  end
end
