# frozen_string_literal: true

require "yaml"

# The gemfiles, the public CI and the matrix speak of the same versions of Rails.
RSpec.describe "The versions of Rails" do
  root = File.expand_path("../..", __dir__)
  gemfiles = Dir.glob("gemfiles/rails_*.gemfile", base: root).map { |path| path[/rails_(.+)\.gemfile/, 1] }
  workflow = File.join(root, ".github/workflows/ci.yml")
  pairs = YAML.load_file(workflow).dig("jobs", "matrix", "strategy", "matrix", "include")

  it "have a gemfile each, and all are run in public" do
    expect(pairs.map { |pair| pair["rails"] }.uniq).to match_array(gemfiles + ["7.2"])
    expect(pairs.uniq).to eq(pairs)
  end

  it "are what the lock files hold" do
    locks = Dir.glob("gemfiles/rails_[0-9]*.lock", base: root)
    expect(locks).to include("gemfiles/rails_6.1.gemfile.lock")
    locks.each do |path|
      expect(File.read(File.join(root, path))[/^    rails \((\d+\.\d+)/, 1]).to eq(path[/rails_(.+?)\.gemfile/, 1])
    end
  end

  it "of the matrix are marked so in the public list" do
    before_each_release = File.read(workflow)[/# Run before each.*?(?=^\n)/m]
    entries = File.read(File.join(root, "spec/matrix/run"))[/^ENTRIES=\((.*?)^\)/m, 1].scan(/"(\S+) /).flatten
    expect(entries).not_to be_empty
    expect(before_each_release.scan(/rails: "(\S+)"/).flatten).to match_array(entries.uniq)
  end
end
