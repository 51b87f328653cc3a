# frozen_string_literal: true

require "support/courier_runs"

# Messages that a server cannot take: they alone are given up, and told of.
RSpec.describe "A message that cannot be delivered", :courier do
  let(:server) { start_server }
  let(:app) { start_app(server.url) }

  # A thousand at once, while the first request keeps the courier busy.
  def publish(words)
    server.meet(:latency, 300, times: 1)
    app.run("Producing.publish(0...1000, #{words.inspect})")
    expect(app.run("Pushable.flush(90)")).to be(true)
  end

  def expect_rejected(run, numbers, status)
    expect_all(run, server.arrivals, 0...1000, but: numbers)
    expect(app.run("Pushable.stats")).to include(rejected: numbers.size, delivered: 1000 - numbers.size, dropped: 0)
    expect_told(numbers.size, status)
  end

  def expect_told(count, status)
    told = app.run("Producing.outcomes").select { |outcome| outcome[:kind] == :reject }
    expect(told).to all(include(channel: "/sync/numbers", status:))
    expect(told.sum { |outcome| outcome[:count] }).to eq(count)
  end

  def three = (0...1000).to_a.sample(3, random:).sort

  it "because its batch is refused, is found in few requests" do
    poisoned = three
    publish(poisoned.to_h { |n| [n, "POISON"] })
    expect_rejected("poison #{poisoned}", poisoned, 400)
    # Twice the number of halvings, and two, for each; twenty batches at the most, small ones after a slow reply.
    expect(server.stats[:requests]).to be <= 25 + (3 * 16)
  end

  it "because it is refused itself, costs no request more" do
    refused = three
    publish(refused.to_h { |n| [n, "REJECT"] })
    expect_rejected("refused #{refused}", refused, 0)
    expect(server.stats[:requests]).to be <= 25
  end

  it "because nothing answers it, is given up" do
    publish(500 => "SWALLOW")
    expect_rejected("unanswered [500]", [500], 0)
  end

  it "because it kills the server, is found although each try takes a server's life" do
    killer = random.rand(1000)
    server.kept_alive { publish(killer => "KILLER") }
    expect_rejected("killer #{killer}", [killer], 0)
    lives = server.arrivals.marks
    expect(lives).to be_between(4, 3 + 16) # three deaths of the whole batch, and the halvings
  end
end
