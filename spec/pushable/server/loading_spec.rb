# frozen_string_literal: true

require "bundler"
require "open3"
require "rbconfig"
require "support/bayeux"
require "support/faye_process"
require "tmpdir"

RSpec.describe "pushable/tasks" do
  it "brings faye:start to any Rakefile" do
    Dir.mktmpdir do |directory|
      File.write(File.join(directory, "Rakefile"), 'require "pushable/tasks"')
      # This bundle, which is not found from there.
      faye = FayeProcess.start(chdir: directory, env: { "BUNDLE_GEMFILE" => Bundler.default_gemfile.to_s })

      expect(Bayeux.publish(faye.url, "/a", 1).first["successful"]).to be(true)
    ensure
      faye&.stop
    end
  end

  it "starts one server where Rails loads the tasks too" do
    output = ruby('require "pushable/tasks"; load "tasks/pushable.rake"; p Rake::Task["faye:start"].actions.size',
                  "-I", File.join(FayeProcess::ROOT, "lib"))

    expect(output).to eq("1\n")
  end

  it "starts a server that stands without the C extension, Rails and Active Support" do
    output = ruby('require "pushable/server"; Pushable::Server::Dependencies.load
                   puts defined?(Thin::Server), $LOADED_FEATURES.grep(/pushable_ext|active_|railtie/)')

    expect(output).to eq("constant\n")
  end

  def ruby(code, *arguments)
    output, status = Open3.capture2e(RbConfig.ruby, "-rbundler/setup", *arguments, "-e", code)
    expect(status).to be_success, output
    output
  end
end
