# frozen_string_literal: true

# Every link and picture that points into the repository leads somewhere.
RSpec.describe "The pages of the documentation" do
  root = File.expand_path("../..", __dir__)
  pages = Dir.glob(["*.md", "docs/**/*.md", "examples/*/README.md"], base: root)

  def anchors(path)
    File.readlines(path).grep(/\A#+ /).map do |heading|
      heading.sub(/\A#+ /, "").strip.downcase.gsub(/[^\w\- ]/, "").tr(" ", "-")
    end
  end

  it "are found" do
    expect(pages).to include("README.md", "CHANGELOG.md", "docs/architecture.md")
    expect(pages.grep(%r{\Adocs/decisions/})).not_to be_empty
  end

  pages.each do |page|
    it "has no dead link in #{page}" do
      path = File.join(root, page)
      dead = File.read(path).scan(/\]\(([^)\s]+)\)/).flatten.reject do |link|
        next true if link.match?(/\A[a-z]+:/)

        file, anchor = link.split("#", 2)
        target = file.empty? ? path : File.expand_path(file, File.dirname(path))
        File.exist?(target) && (anchor.nil? || anchors(target).include?(anchor))
      end
      expect(dead).to be_empty
    end
  end

  # The only places of files in the table of rooms: what is named there must be there.
  it "names only files that exist among the rooms" do
    section = File.read(File.join(root, "docs/architecture.md"))[/^## The rooms$.*?(?=^## )/m]
    named = section.scan(/^\| (.+?) \|/).flatten.flat_map do |cell|
      folder = nil
      cell.scan(/`([^`]+)`/).flatten.map do |name|
        folder = File.dirname(name) if name.include?("/")
        name.include?("/") ? name : File.join(folder, name)
      end
    end
    expect(named.size).to be > 10
    expect(named.reject { |name| File.exist?(File.join(root, name)) }).to be_empty
  end
end
