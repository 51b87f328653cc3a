# frozen_string_literal: true

require_relative "lib/pushable/version"

Gem::Specification.new do |spec|
  spec.name = "pushable"
  spec.version = Pushable::VERSION
  spec.authors = ["The Pushable authors"]
  spec.summary = "Keeps browsers true to a Rails app's records"
  spec.description = "When a transaction commits, Pushable turns the changed records into JSON in C and posts them " \
                     "to a Faye server without making the request wait; every Backbone model and collection that " \
                     "holds them shows the change."
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.1"
  spec.metadata = { "rubygems_mfa_required" => "true" }

  spec.files = Dir.chdir(__dir__) do
    Dir["lib/**/*.{rb,rake,lua}", "ext/pushable/**/*.{c,h,rb}", "app/assets/javascripts/*.{js,ts,map}",
        "README.md", "CHANGELOG.md", "LICENSE", "docs/**/*.md"]
  end
  spec.require_paths = ["lib"]
  spec.extensions = ["ext/pushable/extconf.rb"]

  spec.add_dependency "activemodel", ">= 6.1", "< 9"
  spec.add_dependency "activesupport", ">= 6.1", "< 9"
end
