# frozen_string_literal: true

module Bench
  # What a benchmark prints: a table for people, RATIO lines for machines.
  module Report
    module_function

    # @param header [Array<String>]
    # @param rows [Array<Array<String>>] the first column is a name, the others are numbers
    def table(header, rows)
      widths = [header, *rows].transpose.map { |column| column.map(&:length).max }
      [header, widths.map { |width| "-" * width }, *rows].each do |first, *rest|
        puts [first.ljust(widths[0]), *rest.zip(widths.drop(1)).map { |cell, width| cell.rjust(width) }].join("  ")
      end
      puts
    end

    def ratio(name, value)
      puts format("RATIO %<name>s %<value>.2f", name: name, value: value)
    end

    # @param kind [String] in what it is counted: "NS", "OBJECTS"
    # @param value [Numeric]
    def figure(kind, name, value)
      puts "#{kind} #{name} #{value.is_a?(Integer) ? value : number(value)}"
    end

    # How many times more one addition costs than another. One that drowns in the noise counts as all that the noise
    # can hide, so that a noisy run never looks better than a quiet one; and that is said.
    def ratio_of_added(name, dear, cheap)
      divisor = cheap.median
      if cheap.noise?
        divisor = [cheap.middle.end, cheap.middle.end - cheap.middle.begin].max
        puts "NOISE #{name}: the smaller difference is in the noise (#{spread(cheap)} µs); it counts as " \
             "#{number(divisor)} µs below. Use more ROUNDS, or a quieter machine."
      end
      ratio(name, dear.median / divisor)
    end

    def spread(sample)
      format("%<low>.1f to %<high>.1f", low: sample.middle.begin, high: sample.middle.end)
    end

    def number(value)
      format("%.1f", value)
    end
  end
end
