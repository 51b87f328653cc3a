# frozen_string_literal: true

require "bigdecimal/util"
require_relative "draws"
require_relative "samples"

module Fidelity
  # Numbers of any size: near the powers of two and ten above all.
  class Numbers
    include Draws
    include Samples

    NEIGHBOURS = %i[itself next_float prev_float].freeze

    def initialize(random)
      @random = random
    end

    def integer
      return @random.rand(-200..200) if one_in?(2)

      power = one_in?(2) ? 2**@random.rand(67) : 10**@random.rand(21)
      sign * (power + @random.rand(-1..1))
    end

    def float = send(pick(%i[sample power_of_ten power_of_two bits quotient rounded price price]))

    def decimal
      case @random.rand(5)
      when 0 then BigDecimal(pick(DECIMALS))
      when 1 then sign * BigDecimal("#{digits(30)}.#{digits(30)}e#{@random.rand(-20..20)}")
      when 2 then sign * BigDecimal(digits(9))
      else sign * BigDecimal("#{digits(6)}.#{digits(6)}")
      end
    end

    private

    def sign = pick([1, -1])
    def digits(most) = Array.new(1 + @random.rand(most)) { @random.rand(10) }.join
    def sample = pick(FLOATS)
    def power_of_ten = sign * (10.0**@random.rand(-323..308))
    def power_of_two = (2.0**@random.rand(-1074..1023)).public_send(pick(NEIGHBOURS))
    def bits = @random.bytes(8).unpack1("D")
    def rounded = @random.rand(-1000.0..1000.0).round(@random.rand(5))

    # What columns of decimals hold, and those of too few digits do not.
    def price = @random.rand(10**@random.rand(2..9)) / pick([10.0, 100.0])

    # Of few digits, or next to one.
    def quotient
      (@random.rand(10**@random.rand(1..17)) / (10.0**@random.rand(12))).public_send(pick(NEIGHBOURS))
    end
  end
end
