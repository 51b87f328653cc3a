# frozen_string_literal: true

# The demo uses the repository's own Gemfile, and so the gem as it stands in this checkout.
ENV["BUNDLE_GEMFILE"] ||= File.expand_path("../../../Gemfile", __dir__)

require "bundler/setup"
