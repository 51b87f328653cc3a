# frozen_string_literal: true

# Loads nothing of the gem itself: each spec requires the part it is about, so that the server's specs, for one, also
# show that the server stands without the C extension.
RSpec.configure do |config|
  config.disable_monkey_patching!
  config.order = :random
  Kernel.srand config.seed
  config.expect_with(:rspec) { |expectations| expectations.include_chain_clauses_in_custom_matcher_descriptions = true }
  config.mock_with(:rspec) { |mocks| mocks.verify_partial_doubles = true }
end
