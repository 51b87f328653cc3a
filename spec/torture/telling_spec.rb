# frozen_string_literal: true

require "support/fault_server"
require "support/torture"

# What the courier has to tell, while who listens raises each time.
RSpec.describe "Telling, tortured", :pushing, databases: [:sqlite] do
  let(:server) { FaultServer.start }

  after do
    Pushable.shutdown(5)
    server.stop
  end

  def publish(numbers, word = nil)
    numbers.each { |n| Pushable.publish("numbers", { n:, w: word, text: "x" * 500 }.compact) }
  end

  # A retry, a drop and a reject.
  def be_in_trouble
    server.meet(:status, 503, times: 2)
    publish(0...5)
    wait_until("it has failed") { Pushable.stats[:retries].positive? }
    Pushable.pause # under a collector as slow as these the courier would be faster than the queue fills
    publish(5...20)
    publish([20], "REJECT")
    Pushable.resume
    expect(Pushable.flush(60)).to be(true)
  end

  it "listeners that raise at every word stop nothing" do
    Pushable.configure do |config|
      config.server = server.url
      config.delivery_method = :async
      config.queue_messages = 10
    end
    heard = []
    raising = lambda do |name, *|
      heard |= [name]
      raise "no ears for #{name}"
    end
    ActiveSupport::Notifications.subscribed(raising, /\A(?:drop|reject|retry)\.pushable\z/) do
      Torture::Stress.during { be_in_trouble } # the courier's own thread, too
      wait_until("all was told") { heard.sort == %w[drop.pushable reject.pushable retry.pushable] }
    end
    expect(Pushable.stats).to include(pending_messages: 0, rejected: 1, overflowed: be_positive)
    expect(server.arrivals.read.numbers).to include(19)
  end
end
