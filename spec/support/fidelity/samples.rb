# frozen_string_literal: true

require_relative "settings"

module Fidelity
  # Values that somebody once stumbled over.
  module Samples
    TEXTS = ["", " ", "a", "Ann", "ü", "äöü€😀", "e\u0301", "\u2028\u2029", "\uFEFFa", "a\0b", "\0", "\x7f",
             "\u{10FFFF}", (0..31).map(&:chr).join, %("\\/'), "<a>&amp;</a>", "null", "true", "f", "yes", "off", "0",
             "1", "-0", "+5", "007", "1e5", "1.50", " 12 ", "12abc", "0x1f", "1_000", ".5", "5.", "-.5e-3", "NaN",
             "Infinity", "١٢", "9" * 40, "x" * 1000, "ü" * 300, "#{"a" * 15}\"", "#{"a" * 16}\n", "{}", "[1,", "\"a\"",
             "---\na: 1\n", "--- !ruby/object:Object {}\n", "2024-01-01"].freeze
    # What JSON.generate refuses.
    BROKEN = ["\xFF", "a\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "ü\xE2\x82"].freeze
    # What has no UTF-8. An old JSON gem writes its bytes as they are; Pushable.encode refuses them in any case.
    UNTRANSCODABLE = [["\x82", "Shift_JIS"], ["\x00\xD8", "UTF-16LE"], ["a", "UTF-16LE"],
                      ["\x81", "Windows-1252"]].select do |bytes, encoding|
      JSON.generate([bytes.dup.force_encoding(encoding)]).nil?
    rescue StandardError
      true
    end.freeze
    ENCODED = [["\xFC", "ISO-8859-1"], ["a\x80", "Windows-1252"], ["a\0\xFC\0", "UTF-16LE"],
               ["\0a\x26\x3A", "UTF-16BE"], ["\0\0\0a", "UTF-32BE"], ["\x82\xA0", "Shift_JIS"], ["\xA4\xA2", "EUC-JP"],
               %w[abc US-ASCII], ["\xFC", "US-ASCII"], %w[ü BINARY], %w[abc BINARY], ["\xFC", "BINARY"],
               *UNTRANSCODABLE].freeze
    FLOATS = [0.0, -0.0, Float::NAN, Float::INFINITY, -Float::INFINITY, Float::MIN, Float::MAX, -Float::MAX,
              Float::EPSILON, 5e-324, 1e-4, 9.9999e-5, 0.1, 0.1 + 0.2, 1.0 / 3, 1.0, 100.0, 98.600000000000001, 1e15,
              1e16, 999_999_999_999_999.9, 1e20, 1e21, 1e22, 1e23, 2.0**53, 2.0**63, 2.0**64, 0.5, 1.5, 2.5, 0.005,
              1.005].freeze
    DECIMALS = %w[0 -0 NaN Infinity -Infinity 0.5 1.5 2.5 -0.5 1234.50 0.000000001 99.995 999999.9999 1e30 1e-30 1e15
                  1e16 12.3400 0.1 1 -1 1e400].freeze
    BOOLEANS = [true, false, true, false, 0, 1, 2, "t", "false", "", "0", "foo"].freeze
    YEARS = [-4712, -4000, -1, 0, 1, 9, 99, 999, 1582, 1899, 1900, 1969, 1970, 2000, 2023, 2024, 2037, 2038, 2100,
             9999, 10_000, 12_345].freeze
    NANOSECONDS = [0, 0, 0, 1, 999, 1000, 999_499, 999_500, 1_000_000, 123_456_789, 999_999_499, 999_999_999].freeze
    OFFSETS = ["+00:00", "+05:45", "-03:30", "+01:23:45"].freeze
    INSTANTS = ["2024-02-30 25:61:00", "2024-02-30 10:00:00", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00+09:00",
                "2024-01-01 00:00:00 +0900", "2024-01-01 00:00:00 UTC", "2024-01-01 24:00:00", "2024-01-01 23:59:60",
                "2024-01-01 00:00:00.1234567891", "2024-06-15 12:34:56.9999999", "2024-06-15 12:34:56.",
                "2024-1-2 3:4:5", "2024-01-01 10:00", "2024-01-01", "10:11:12", "10:11", "10:11:12.123456", "25:00:00",
                "now", "infinity", "-infinity", "0000-00-00 00:00:00", "0000-01-01 00:00:00", "-0001-01-01 00:00:00",
                "0044-03-15 12:00:00 BC", "12345-01-01 00:00:00", "1900-02-29 00:00:00", "2000-02-29 00:00:00",
                "Mon, 01 Jan 2024 00:00:00 GMT", "2024-01-01 00:00:00\n", " 2024-01-01 00:00:00",
                "2024/01/01 00:00:00", "20240101000000", "1704067200", "2000-01-01 10:11:12", "1999-12-31 10:11:12",
                "2024-03-31 01:30:00", "2024-10-27 01:30:00", "2024-03-10 02:30:00", "2024-11-03 01:30:00",
                "2011-12-30 12:00:00", "2024-13-01 00:00:00"].freeze
    # What another program writes for true, or for a document.
    TRUTHS = %w[t f true false 0 1 yes no on off T F].freeze
    DOCUMENTS = [nil, 1, 1.5, "a", [1, {}], { "a" => { "b" => [1e20, "ü"] } }].freeze
    KEYS = ["a", "b", :a, "ü", "\"", "\u2028", "", 1, nil, 1.5, "x\n"].freeze
    # What a slip of the finger puts into a text.
    SLIPS = ["0", "9", " ", "-", ":", ".", "T", "Z", "+", "e", "\n", "x"].freeze
    # The seconds at which the clocks of the zones jump.
    JUMPS = Settings::ZONES.flat_map do |zone|
      jumps = ActiveSupport::TimeZone[zone].tzinfo.transitions_up_to(Time.utc(2038), Time.utc(1880))
      jumps.map { |jump| jump.at.to_i }
    end.freeze
  end
end
