# frozen_string_literal: true

require_relative "draws"
require_relative "samples"

module Fidelity
  # Strings, among them such as look like something else, and at times not quite.
  class Texts
    include Draws
    include Samples

    KINDS = (([:plain] * 20) + ([:instant] * 6) + ([:number] * 4) + %i[broken encoded encoded symbol safe frozen
                                                                       letters]).freeze

    # An exponent whose zeros would fill the memory, as_json's first.
    GIANT = /e[+-]?\d{4}/i

    # @param numbers [#float, #decimal]
    def initialize(random, numbers)
      @random = random
      @numbers = numbers
    end

    # @return [String, Symbol] a subclass of String at times
    def any = send(pick(KINDS))

    # @return [String] as another program would have written it into a column of that kind
    def of(kind)
      case kind
      when :date, :time then instant
      when :integer, :float, :decimal then number
      when :boolean then pick(TRUTHS)
      when :json then JSON.generate(pick(DOCUMENTS))
      else any.to_s
      end
    end

    def instant = slip(one_in?(2) ? pick(INSTANTS) : stored_instant)

    def number
      text = slip(one_in?(2) ? @numbers.float.to_s : @numbers.decimal.to_s(pick(%w[F E])))
      text.match?(GIANT) ? "1e5" : text
    end

    private

    def plain = pick(TEXTS).dup
    def broken = pick(BROKEN).dup
    def symbol = pick(TEXTS).to_sym
    def safe = ActiveSupport::SafeBuffer.new(pick(TEXTS))
    def frozen = pick(TEXTS).dup.freeze
    def letters = Array.new(@random.rand(40)) { [@random.rand(0xD800)].pack("U") }.join

    def encoded
      bytes, encoding = pick(ENCODED)
      bytes.dup.force_encoding(encoding)
    end

    # As Rails writes it.
    def stored_instant
      text = Time.at(pick(JUMPS) + @random.rand(-4000..4000)).utc.strftime("%Y-%m-%d %H:%M:%S")
      one_in?(3) ? text : "#{text}.#{Array.new(1 + @random.rand(9)) { @random.rand(10) }.join}"
    end

    def slip(text)
      return text.dup if text.empty? || !one_in?(3)

      place = @random.rand(text.length)
      before = text[0...place]
      pick([before + text[(place + 1)..], before + pick(SLIPS) + text[place..],
            before + pick(SLIPS) + text[(place + 1)..]])
    end
  end
end
