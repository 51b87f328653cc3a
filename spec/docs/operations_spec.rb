# frozen_string_literal: true

require "fileutils"
require "net/http"
require "pushable/server"
require "support/bayeux"
require "support/certificates"
require "support/child_process"
require "support/faye_process"
require "support/faye_subscriber"
require "support/other_servers"
require "tmpdir"

# What the page on the server tells to write is there, and does what it says.
RSpec.describe "docs/operations.md" do
  root = File.expand_path("../..", __dir__)
  page = File.read(File.join(root, "docs/operations.md"))
  options = Pushable::Server::Options::DEFAULTS

  around do |example|
    Dir.mktmpdir do |directory|
      @directory = directory
      File.chmod(0o755, directory)
      example.run
    end
  end

  def snippet(page, language)
    blocks = page.scan(/^```#{language}\n(.*?)^```$/m).flatten
    expect(blocks.size).to eq(1)
    blocks.first
  end

  # Puts another text in place of one that has to be there.
  def adapt(text, changes)
    changes.each_with_object(text.dup) do |(before, after), adapted|
      expect(adapted.sub!(before, after)).not_to be_nil, "#{before} is not there"
    end
  end

  def written(default)
    { nil => "none", [] => "none" }.fetch(default, default.to_s)
  end

  # @return [Hash] the options of a page's table: name to default
  def rows(text)
    text.scan(/^\| (`\w+`(?:, `\w+`)*) \| ([^|]+) \|/).flat_map do |names, default|
      names.scan(/\w+/).map { |name| [name.to_sym, default] }
    end.to_h
  end

  it "names every option of the server with its default" do
    table = rows(page[/^### Options$.*?(?=^### )/m])

    expect(table.keys).to match_array(options.keys)
    expect(table.except(:auth)).to eq(options.except(:auth).transform_values { |default| written(default) })
  end

  it "agrees with the README's table of them" do
    readme = File.read(File.join(root, "README.md"))
    table = rows(readme[/^### `rake faye:start`$.*?(?=^## )/m])

    expect(table).not_to be_empty
    expect(table).to eq(options.slice(*table.keys).transform_values { |default| written(default) })
  end

  it "names every metric" do
    names = Pushable::Server::Metrics::COUNTERS.keys.map { |name| "#{name}_total" }
    names += Pushable::Server::Metrics::GAUGES.keys.map(&:to_s)

    expect(page.scan(/^\| `pushable_(\w+)` \|/).flatten).to match_array(names)
  end

  it "has a configuration for nginx through which browsers and publishers get to the server" do
    key, cert = Certificates.pair(@directory)
    faye = FayeProcess.start(env: { "PUSHABLE_SECRET" => "s" })
    nginx = Nginx.new do |port|
      adapt(snippet(page, "nginx"), "listen 443 ssl" => "listen 127.0.0.1:#{port} ssl", "127.0.0.1:9292" =>
        "127.0.0.1:#{faye.port}", %r{/etc/ssl/\S+\.crt} => cert, %r{/etc/ssl/\S+\.key} => key)
    end
    url = nginx.url.sub("http", "https")
    subscribers = %w[websocket long-polling].map do |transport|
      FayeSubscriber.start(url, "/sync/members", transport:, ca_file: cert)
    end
    large = "x" * (1024 * 1024)
    headers = { "Authorization" => "Bearer #{Pushable::Keys.publish("s")}" }

    expect(Bayeux.publish(url, "/sync/members", large, ca_file: cert, headers:).first).to include("successful" => true)
    subscribers.each { |subscriber| expect(subscriber.wait_for_messages(1).first["data"]).to eq(large) }
    expect(subscribers.map(&:transports)).to eq([["websocket"], ["long-polling"]])
    expect(%w[/health /faye/../metrics].map { |path| status(url, path, cert) }).to eq(%w[404 404])
  ensure
    subscribers&.each(&:stop)
    [nginx, faye].compact.each(&:stop)
  end

  def status(url, path, ca_file)
    uri = URI(url)
    Net::HTTP.start(uri.host, uri.port, use_ssl: true, ca_file:) { |http| http.get(path) }.code
  end

  it "has a line for Procfile.dev that starts the server of a Rails app" do
    command = snippet(page, "procfile")[/\Afaye: (.*)\n\z/, 1]
    process = ChildProcess.new("exec #{command}", chdir: File.join(root, "examples/families"),
                                                  env: { "FAYE_PORT" => "0", "PORT" => "5000" })
    process.wait_for_output(FayeProcess::LISTENING, 60)
    url = process.output[FayeProcess::LISTENING, 1]

    expect(url).not_to end_with(":5000/faye")
    expect(Bayeux.handshake(url)).to be_a(String)
    expect(process.stop).to have_attributes(exitstatus: 0)
    expect(process.output).to match(/leaving: \d connections/) # which verbose=true brings
  ensure
    process&.kill
  end

  it "has a file of options that the task reads, below the environment and its own words" do
    FileUtils.mkdir(File.join(@directory, "config"))
    File.write(File.join(@directory, "config/pushable.yml"), snippet(page, "yaml"))
    File.write(File.join(@directory, "Rakefile"), 'require "pushable/tasks"')
    env = { "RAILS_ENV" => "production", "PUSHABLE_SECRET" => "s", "FAYE_VERBOSE" => "false", "FAYE_PORT" => "1",
            "BUNDLE_GEMFILE" => Bundler.default_gemfile.to_s }
    faye = FayeProcess.start(chdir: @directory, env:, port: 0)
    faye.stop

    expect(faye.output).to match(/for 5000 connections at most/) # so the file says
    expect(faye.output.lines.size).to eq(1) # FAYE_VERBOSE has won
  ensure
    faye&.kill
  end
end
