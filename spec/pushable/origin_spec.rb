# frozen_string_literal: true

require "json"
require "rack"
require "support/pushing"
require "support/ruby_process"

# A request's X-Pushable-Origin comes back in what the request pushes, and in nothing else.
RSpec.describe "The origin of a push", :pushing do
  # The origins of what one request pushes; the app is run inside the middleware.
  def origins(header = "k3x9.c12.4", &app)
    app ||= -> { Pushable.publish("room", 1) }
    inner = lambda do |_|
      app.call
      [200, {}, []]
    end
    env = header.nil? ? {} : { "HTTP_X_PUSHABLE_ORIGIN" => header }
    pushes { Rack::MockRequest.new(Pushable::Origin.new(inner)).get("/", env) }
      .map { |message| message["data"].fetch("origin", :none) }
  end

  describe "by the Rack middleware alone" do
    it "is the header" do
      expect(origins).to eq(["k3x9.c12.4"])
      expect(origins { [Pushable.publish("room", nil, event: :resync), Pushable.resync("room")] })
        .to eq(["k3x9.c12.4"] * 2)
    end

    it "is none without the header" do
      expect(origins(nil)).to eq([:none])
    end

    it "is none of another form, and such a header does no harm" do
      good = ["a", "A-z_0.9", "x" * 128]
      expect(good.flat_map { |header| origins(header) }).to eq(good)
      bad = ["", "x" * 129, "a b", "a\n", "\na", 'a"b', "a,b", "é", "\xff", "a\0", "a/b", "x" * 100_000]
      expect(bad.flat_map { |header| origins(header) }.uniq).to eq([:none])
    end

    it "is over with the request, after an exception and a throw, too" do
      origins
      expect { origins { raise "out" } }.to raise_error("out")
      catch(:out) { origins { throw :out } }
      expect(pushes { Pushable.publish("room", 1) }.first["data"]).not_to include("origin")
    end

    it "is each request's own where one calls another" do
      inner = nil
      expect(origins do
        inner = origins("inner")
        Pushable.publish("room", 1)
      end.last).to eq("k3x9.c12.4")
      expect(inner).to eq(["inner"])
    end

    it "is no other thread's" do
      expect(origins { Thread.new { Pushable.publish("room", 1) }.join }).to eq([:none])
    end

    it "is not asked for before any request has named one" do
      Pushable::Origin.seen = false
      expect(Pushable::Current).not_to receive(:origin)
      expect(origins(nil)).to eq([:none])
    end
  end

  it "is that of a committed change" do
    expect(origins { Member.create!(name: "Ann") }).to eq(["k3x9.c12.4"])
  end

  # A Rails app of its own, as the gem's engine sets it up.
  describe "in a Rails app" do
    app = <<~RUBY
      require "action_controller/railtie"
      require "active_job/railtie"
      require "pushable"
      class App < Rails::Application
        config.eager_load = false
        config.logger = Logger.new(IO::NULL)
        config.secret_key_base = "x" * 64
        config.hosts.clear
        config.active_job.queue_adapter = ENV.fetch("ADAPTER").to_sym
      end
      class PublishJob < ActiveJob::Base
        def perform(room) = Pushable.publish(room, 1)
      end
      class RoomsController < ActionController::API
        def create
          eval(ENV.fetch("STEPS"))
          head :no_content
        end
      end
      App.initialize!
      App.routes.draw { post "/" => "rooms#create" }
      Pushable.configure { |config| config.delivery_method = :test }
      request = Rack::MockRequest.env_for("/", method: "POST", "HTTP_X_PUSHABLE_ORIGIN" => "k3x9.c12.4")
      status, _, body = App.call(request)
      body.close
      raise "status \#{status}" unless status == 204
      ActiveJob::Base.queue_adapter.shutdown if ActiveJob::Base.queue_adapter.respond_to?(:shutdown)
      Pushable.publish("afterwards", 1)
      middleware = App.middleware.map(&:name)
      raise middleware.inspect unless middleware.index("ActionDispatch::Executor") < middleware.index("Pushable::Origin")
      puts Pushable.deliveries.to_h { |m| [m["channel"].delete_prefix("/sync/"), m["data"]["origin"]] }.to_json
    RUBY

    # The channels that were pushed to, with their origins.
    define_method(:in_rails) do |steps, adapter: "async"|
      result = RubyProcess.run(app, env: { "STEPS" => steps, "ADAPTER" => adapter })
      raise result.output unless result.status.success?

      JSON.parse(result.output.lines.last)
    end

    it "is that of the request, inside the executor, until it ends" do
      expect(in_rails('Pushable.publish("request", 1)')).to eq("request" => "k3x9.c12.4", "afterwards" => nil)
    end

    it "is not that of a job that another thread performs" do
      expect(in_rails('PublishJob.perform_later("job")', adapter: "async")).to eq("job" => nil, "afterwards" => nil)
    end

    it "is not that of a job that the request performs itself, inline or by perform_now, and is back after it" do
      steps = 'PublishJob.perform_later("job"); PublishJob.perform_now("now"); Pushable.publish("request", 1)'
      expect(in_rails(steps, adapter: "inline"))
        .to eq("job" => nil, "now" => nil, "request" => "k3x9.c12.4", "afterwards" => nil)
    end
  end
end
