# frozen_string_literal: true

# Loads nothing of the gem itself: each spec requires the part it is about, so that the server's specs, for one, also
# show that the server stands without the C extension.
RSpec.configure do |config|
  # An example marked `rails: ">= 7.1"` is about something that an older Rails does not have, and skipped there.
  config.define_derived_metadata(:rails) do |metadata|
    wanted = Gem::Requirement.new(metadata[:rails])
    found = Gem.loaded_specs.fetch("activesupport").version
    metadata[:skip] = "Rails #{found} is not #{wanted}" unless wanted.satisfied_by?(found)
  end
  config.disable_monkey_patching!
  config.order = :random
  Kernel.srand config.seed
  config.expect_with(:rspec) { |expectations| expectations.include_chain_clauses_in_custom_matcher_descriptions = true }
  config.mock_with(:rspec) { |mocks| mocks.verify_partial_doubles = true }
end
