# frozen_string_literal: true

require "json"
require "open3"
require "rake"
require "rbconfig"

# What the README tells a newcomer to write or type is there, and does what it says.
RSpec.describe "README.md" do
  root = File.expand_path("../..", __dir__)
  readme = File.read(File.join(root, "README.md"))

  def blocks(text, language)
    text.scan(/^```#{language}\n(.*?)^```$/m).flatten
  end

  # The README's block in a process of its own: its classes must not meet those of other specs.
  def run_block(root, code, steps)
    program = <<~RUBY
      require "active_record"
      require "pushable"
      ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: ":memory:")
      ActiveRecord::Schema.verbose = false
      ActiveRecord::Schema.define do
        create_table(:families) { |t| t.string :name }
        create_table(:members) { |t| t.references :family; t.string :name }
      end
      class ApplicationRecord < ActiveRecord::Base
        self.abstract_class = true
      end
      class Family < ApplicationRecord; end
      #{code}
      Pushable.configure { |config| config.delivery_method = :test }
      #{steps}
      puts Pushable.deliveries.map { |message| [message["channel"], message["data"]["event"]] }.to_json
    RUBY
    output, errors, status = Open3.capture3(RbConfig.ruby, "-I", File.join(root, "lib"), "-e", program)
    raise "the README's block failed:\n#{errors}" unless status.success?

    JSON.parse(output)
  end

  it "has a model to copy, and it pushes what the table of a commit says" do
    pushed = run_block(root, blocks(readme, "ruby").first, <<~RUBY)
      first, second = %w[Lovelace Hopper].map { |name| Family.create!(name: name) }
      member = Member.create!(family: first, name: "Ada")
      member.update!(name: "Adele")
      member.update!(family: second)
      member.save!
      member.destroy!
      Member.transaction { Member.create!(family: first, name: "Nobody"); raise ActiveRecord::Rollback }
      Member.transaction { Member.create!(family: first, name: "Brief").destroy! }
    RUBY

    expect(pushed).to match_array(
      [
        %w[/sync/family_1_members create],
        %w[/sync/family_1_members update], %w[/sync/member_1 update],
        %w[/sync/family_1_members destroy], %w[/sync/family_2_members create], %w[/sync/member_1 update],
        %w[/sync/family_2_members destroy], %w[/sync/member_1 destroy]
      ]
    )
  end

  it "has a model without a database to copy, and it pushes" do
    expect(blocks(readme, "ruby").size).to eq(2)
    pushed = run_block(root, blocks(readme, "ruby").last, "Reading.new.run_callbacks(:create)")
    expect(pushed).to eq([%w[/sync/readings create]])
  end

  it "shows the classes that the browser tests run in Chromium" do
    plain = ->(text) { text.lines.map(&:rstrip).reject(&:empty?) }
    clients = File.join(root, "spec/system/clients")

    expect(plain[blocks(readme, "coffee").first]).to eq(plain[File.read(File.join(clients, "readme.coffee"))])
    expect(plain[blocks(readme, "js").first]).to eq(plain[File.read(File.join(clients, "extend.js"))])
  end

  it "names every configuration option with its default" do
    require "pushable"
    section = readme[/^### Configuration$.*?(?=^### )/m]
    rows = section.scan(/^\| `(\w+)` \| `(.+?)` \|/).to_h
    configuration = Pushable::Configuration.new({})
    methods = Pushable::Configuration.public_instance_methods - Object.public_instance_methods
    options = methods.grep(/\A\w+=\z/).map { |name| name.to_s.delete_suffix("=") }

    expect(rows.keys).to match_array(options)
    rows.each do |name, default|
      # In a Markdown table a bar is written with a backslash.
      expect(configuration.public_send(name)).to eq(eval(default.gsub('\|', "|"))), name # rubocop:disable Security/Eval
    end
  end

  it "names commands, benchmarks and tasks that exist" do
    commands = readme.scan(%r{(?<![/\w])bin/(?!rails)\w+}).uniq
    expect(commands).to match_array(Dir.glob("bin/*", base: root))
    expect(commands.map { |command| File.join(root, command) }).to all(satisfy { |path| File.executable?(path) })

    benchmarks = readme.scan(%r{`bin/bench (\w+)`}).flatten
    expect(benchmarks).not_to be_empty
    expect(benchmarks).to all(satisfy { |name| File.file?(File.join(root, "benchmark/#{name}.rb")) })

    require File.join(root, "lib/pushable/tasks")
    expect(readme.scan(/\b\w+:start\b/).uniq).to eq(["faye:start"])
    expect(Rake::Task.task_defined?("faye:start")).to be(true)
  end
end
