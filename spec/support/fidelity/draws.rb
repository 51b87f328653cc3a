# frozen_string_literal: true

module Fidelity
  # For whoever has a @random.
  module Draws
    private

    def pick(list) = list.sample(random: @random)
    def one_in?(times) = @random.rand(times).zero?
  end
end
