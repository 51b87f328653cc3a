# frozen_string_literal: true

require_relative "database"
require_relative "members"

module Bench
  # A kind of records that serializers are measured with. Each has a name, which an update changes.
  class Kind < ActiveRecord::Base
    self.abstract_class = true

    class << self
      # @return [String] what to call it on the command line and in a RATIO line
      def word
        name.demodulize.downcase
      end

      # @return [Symbol, nil] the association that the JSON includes
      def included; end

      def create_table
        connection.create_table(table_name) { |table| define(table) }
      end
    end
  end

  # The record of the other benchmarks.
  class Ten < Kind
    self.table_name = "members"

    class << self
      def title
        "ten columns"
      end

      # Database.open has created it.
      def create_table; end

      def values(number)
        Member.columns_of(number)
      end
    end
  end

  # Hardly more than a key.
  class Three < Kind
    class << self
      def title
        "three columns"
      end

      def define(table)
        table.string :name
        table.boolean :active
      end

      def values(number)
        { name: format("Member number %06d", number), active: true }
      end
    end
  end

  # A table that has grown for years.
  class Forty < Kind
    class << self
      def title
        "forty columns"
      end

      def define(table)
        table.string :name
        6.times { |place| table.string :"word_#{place}" }
        4.times { |place| table.string :"empty_#{place}" }
        2.times { |place| table.text :"text_#{place}" }
        8.times { |place| table.integer :"number_#{place}" }
        6.times { |place| table.boolean :"flag_#{place}" }
        4.times { |place| table.decimal :"amount_#{place}", precision: 10, scale: 2 }
        3.times { |place| table.float :"score_#{place}" }
        3.times { |place| table.datetime :"time_#{place}" }
        table.timestamps
      end

      def values(number)
        column_names.without("id", "created_at", "updated_at").to_h do |column|
          [column, value(column[/\A[a-z]+/], number)]
        end
      end

      private

      def value(word, number)
        { "name" => format("Member number %06d", number), "word" => "a word or two", "text" => "t" * 80,
          "number" => number, "flag" => number.even?, "amount" => BigDecimal("1234.56"), "score" => number + 0.25,
          "time" => Time.utc(2024, 5, 6, 7, 8, 9.5r) }[word]
      end
    end
  end

  # Articles: some thousand letters, with what JSON escapes among them.
  class Text < Kind
    class << self
      def title
        "text"
      end

      def define(table)
        table.string :name
        table.text :summary, :body, :note
      end

      def values(number)
        paragraph = %(A line of the "article", with its quotation marks, an umlaut (ä) and an end.\n)
        { name: format("Article number %06d", number), summary: paragraph * 3, body: paragraph * 30, note: "n" * 500 }
      end
    end
  end

  # Everything that happened, and when.
  class Dates < Kind
    class << self
      def title
        "dates"
      end

      def define(table)
        table.string :name
        8.times { |place| table.datetime :"time_#{place}" }
        2.times { |place| table.date :"date_#{place}" }
        table.timestamps
      end

      def values(number)
        times = (0..7).to_h { |place| [:"time_#{place}", Time.utc(2024, 1 + place, 2, 3, 4, 5.678901r) + number] }
        dates = (0..1).to_h { |place| [:"date_#{place}", Date.new(2024, 2, 28 + place)] }
        { name: format("Event number %06d", number), **times, **dates }
      end
    end
  end

  # A column of JSON.
  class Document < Kind
    class << self
      def title
        "a column of JSON"
      end

      def define(table)
        table.string :name
        table.json :settings
      end

      def values(number)
        { name: format("Document number %06d", number),
          settings: { theme: "dark", size: number, ratio: 1.5, shared: false, parent: nil,
                      tags: %w[first second third], owner: { name: "Ada", roles: %w[reader writer] },
                      history: Array.new(5) { |place| { at: "2024-05-0#{place + 1}T10:00:00Z", by: place } } } }
      end
    end
  end

  # A record that a Relative belongs to.
  class Family < ActiveRecord::Base
  end

  # An association whose record is in the JSON, too.
  class Relative < Kind
    belongs_to :family

    class << self
      def title
        "with an association"
      end

      def included
        :family
      end

      def create_table
        connection.create_table(:families) { |table| table.string :name, :motto }
        super
      end

      def define(table)
        table.string :name
        table.references :family
        table.boolean :active
      end

      def values(number)
        family = Family.create!(name: format("Family number %06d", number), motto: "a motto of some words")
        { name: format("Relative number %06d", number), active: true, family: family }
      end
    end
  end

  KINDS = [Ten, Three, Forty, Text, Dates, Document, Relative].freeze
end
