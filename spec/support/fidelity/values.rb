# frozen_string_literal: true

require_relative "draws"
require_relative "numbers"
require_relative "samples"
require_relative "settings"
require_relative "texts"

module Fidelity
  # Values as an application, a user or another program would never write them.
  class Values
    include Draws
    include Samples

    KINDS = %i[string integer float decimal boolean date time json binary].freeze
    # Within a document.
    LEAVES = %i[string integer float decimal boolean date instant].freeze
    # An expression of SQL for any bytes; SQLite keeps them as they are.
    TEXT = "CAST(x'%s' AS TEXT)"

    def initialize(random)
      @random = random
      @numbers = Numbers.new(random)
      @texts = Texts.new(random, @numbers)
    end

    # @param kind [Symbol] of {KINDS}; one time in six the value is of another
    def draw(kind)
      return if one_in?(10)

      send(one_in?(6) ? pick(KINDS) : kind)
    end

    # What an application does write.
    def tame(kind)
      { string: "Ann #{@random.rand(1000)}", integer: @random.rand(1000), float: @random.rand(10_000) / 8.0,
        decimal: BigDecimal(@random.rand(10_000)) / 4, boolean: one_in?(2), date: Date.new(2024) + @random.rand(366),
        time: Time.at(1_700_000_000 + @random.rand(50_000_000), @random.rand(1_000_000), :usec).utc,
        json: { "a" => [1, "b"] }, binary: "abc" }.fetch(kind)
    end

    # @return [String] an expression of SQL for what another program wrote into a column, of its kind or not
    def sql(kind)
      case @random.rand(12)
      when 0 then "NULL"
      when 1, 2 then @numbers.integer.clamp(-(2**63), (2**63) - 1).to_s
      when 3, 4 then sql_float
      when 5 then "x'#{hex(@texts.any)}'"
      else format(TEXT, hex(@texts.of(kind)))
      end
    end

    # @return [Object] a document, or what stands in one
    def json(depth = 0)
      case @random.rand(depth > 3 ? 2 : 5)
      when 0, 1 then send(pick(LEAVES))
      when 2 then Array.new(@random.rand(4)) { json(depth + 1) }
      else Array.new(@random.rand(4)) { [pick(KEYS), json(depth + 1)] }.to_h
      end
    end

    private

    def string = @texts.any
    def integer = @numbers.integer
    def float = @numbers.float
    def decimal = @numbers.decimal
    def boolean = pick(BOOLEANS)
    def binary = one_in?(12) ? @random.bytes(5) : pick(TEXTS).b
    def date = Date.new(year, 1 + @random.rand(12), 1 + @random.rand(28)) + @random.rand(4)
    def time = one_in?(5) ? @texts.instant : instant
    def instant = send(pick(%i[jump jump jump jump_in_zone moment elsewhere month_end date_time]))

    def jump = Time.at(pick(JUMPS) + @random.rand(-2..2), nanoseconds, :nsec).utc
    def moment = Time.at(@random.rand(-5_000_000_000..5_000_000_000), nanoseconds, :nsec)
    def elsewhere = Time.new(year, 1 + @random.rand(12), 1, 0, 0, 0, pick(OFFSETS))
    def month_end = Time.utc(year, 1 + @random.rand(12), 29, 23, 59, 59 + Rational(nanoseconds, 1_000_000_000))
    def date_time = DateTime.new(year, 2, 28, 23, 59, pick([59, 59.9996r, 0]), pick(%w[+0 +9 -3:30])) + @random.rand(2)

    def jump_in_zone
      Time.at(pick(JUMPS) + @random.rand(-3600..3600), nanoseconds, :nsec).in_time_zone(pick(Settings::ZONES))
    end

    def year = one_in?(2) ? pick(YEARS) : 1900 + @random.rand(200)
    def nanoseconds = one_in?(8) ? @random.rand(10**9) : pick(NANOSECONDS)

    def hex(text) = text.to_s.b.unpack1("H*")

    # SQLite has no word for infinity, but takes a number that is too large for one.
    def sql_float
      number = @numbers.float
      return number.to_s if number.finite?

      number.positive? ? "9e999" : "-9e999"
    end
  end
end
