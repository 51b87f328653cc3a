# frozen_string_literal: true

require "fileutils"
require "pushable/keys"
require "support/bayeux"
require "support/child_process"
require "support/faye_process"
require "tmpdir"

# A Rails application that configures no secret, and the server that its own Rakefile starts.
RSpec.describe "rake faye:start in a Rails application" do
  around do |example|
    Dir.mktmpdir do |directory|
      @directory = directory
      FileUtils.cp_r(File.expand_path("../../support/rails_app", __dir__) << "/.", directory)
      example.run
    end
  end

  def env
    { "BUNDLE_GEMFILE" => Bundler.default_gemfile.to_s }
  end

  # What the application that serves requests says of itself.
  def application(code, **more)
    process = ChildProcess.new(RbConfig.ruby, "-rbundler/setup", "-r./config/environment", "-e", code,
                               env: env.merge(more), chdir: @directory)
    expect(process.wait).to be_success, process.output
    process.output
  end

  {
    "development" => {},
    # Its rake tasks do not load all of the application, as what serves requests does.
    "production" => { "RAILS_ENV" => "production", "SECRET_KEY_BASE" => "b" * 128 }
  }.each do |environment, settings|
    it "has the application's own key, in #{environment}" do
      faye = FayeProcess.start(chdir: @directory, env: env.merge(settings))
      outcome = application(<<~RUBY, "PUSHABLE_SERVER" => faye.url, **settings)
        Pushable.publish("members", 1)
        puts Pushable.flush(20), Pushable.stats.values_at(:delivered, :rejected), Pushable::Keys.publish(Pushable.config.secret)
      RUBY

      flushed, delivered, rejected, key = outcome.split.last(4)
      expect([flushed, delivered, rejected]).to eq(%w[true 1 0]), outcome
      expect(faye.output).not_to include("no secret")
      expect(Bayeux.publish(faye.url, "/a", 1, headers: { "Authorization" => "Bearer #{key}" }).first)
        .to include("successful" => true)
      expect(Bayeux.publish(faye.url, "/a", 1).first).to include("error" => "403:/a:Forbidden")
    ensure
      faye&.stop
    end
  end

  it "has the secret that the application configures" do
    FileUtils.mkdir_p(File.join(@directory, "config/initializers"))
    File.write(File.join(@directory, "config/initializers/pushable.rb"),
               'Pushable.configure { |config| config.secret = "configured" }')
    faye = FayeProcess.start(chdir: @directory, env:)
    headers = { "Authorization" => "Bearer #{Pushable::Keys.publish("configured")}" }

    expect(Bayeux.publish(faye.url, "/a", 1, headers:).first).to include("successful" => true)
  ensure
    faye&.stop
  end
end
