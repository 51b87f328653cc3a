# frozen_string_literal: true

require "did_you_mean"
require "erb"
require "yaml"

module Pushable
  module Server
    # Where options come from. The first that has one wins: the task's own words (`rake faye:start port=80`, which Rake
    # puts into the environment under these names), `FAYE_PORT`, `config/pushable.yml`.
    #
    # In that file a section for each environment holds what the application and its server share, and under `faye` what
    # only the server knows. The shared ones are `PUSHABLE_SECRET` and `PUSHABLE_PREVIOUS_SECRETS` in the environment,
    # and never the task's words: those are for all to see in the list of processes. Where no secret is found, the
    # application is asked for its own.
    module Sources
      FILE = "config/pushable.yml"
      SHARED = %i[secret previous_secrets].freeze
      OWN = (Options::DEFAULTS.keys - SHARED).freeze

      # written: what a person would recognise of it, without what is secret
      Given = Struct.new(:value, :written)

      # @param env [#[]]
      # @param words [Array<String>] those of the command line, to tell a misspelt one
      # @param directory [String] where config/ is
      # @yieldreturn [Configuration, nil] the application's; asked for its secrets when no other is found
      # @return [Options]
      # @raise [CannotStart] naming the option that is wrong
      def self.options(env = ENV, words: [], directory: Dir.pwd)
        words.each { |word| check(word) }
        environment = env["RAILS_ENV"] || env["RACK_ENV"] || "development"
        given = of_file(File.join(directory, FILE), environment)
        given.merge!(named(OWN, env) { |name| "FAYE_#{name.upcase}" })
        given.merge!(named(SHARED, env) { |name| "PUSHABLE_#{name.upcase}" })
        given.merge!(named(OWN, env, &:name))
        given = of_application(yield).merge(given) if block_given? && !given.key?(:secret)
        Options.new(given, environment:)
      end

      def self.of_application(config)
        return {} unless config&.secret

        SHARED.to_h { |name| [name, Given.new(config.public_send(name), "the application's #{name}")] }
      end

      def self.named(names, env)
        names.filter_map do |name|
          variable = yield name
          value = env[variable]
          [name, Given.new(value, SHARED.include?(name) ? variable : "#{variable}=#{value}")] if value
        end.to_h
      end

      def self.of_file(path, environment)
        return {} unless File.exist?(path)

        section = table(YAML.safe_load(ERB.new(File.read(path)).result, aliases: true), FILE)
        section = table(section[environment], "#{FILE}, #{environment}")
        own = table(section["faye"], "#{FILE}, #{environment}, faye")
        in_file(section.slice(*SHARED.map(&:name)), environment).merge(in_file(known(own), "#{environment}, faye"))
      rescue SystemCallError, Psych::Exception => e
        raise CannotStart, "#{FILE}: cannot be read (#{e.message})"
      end

      def self.table(value, place)
        return value || {} if value.nil? || value.is_a?(Hash)

        raise CannotStart, "#{place}: must hold names and values"
      end

      def self.in_file(values, place)
        values.compact.to_h { |name, value| [name.to_sym, Given.new(value, "#{FILE}, #{place}, #{name}")] }
      end

      def self.known(values)
        values.each_key { |name| refuse(name.to_s, FILE) unless OWN.map(&:name).include?(name) }
      end

      # Rake takes every word with a = in it; those in capitals are no options of ours.
      def self.check(word)
        name = word[/\A([a-z]\w*)=/, 1] or return
        raise CannotStart, "#{name}=: all can read the task's words; set PUSHABLE_#{name.upcase}" if shared?(name)

        refuse(name, word) unless OWN.map(&:name).include?(name)
      end

      def self.shared?(name)
        SHARED.map(&:name).include?(name)
      end

      def self.refuse(name, place)
        nearest = DidYouMean::SpellChecker.new(dictionary: OWN.map(&:name)).correct(name).first
        raise CannotStart, "#{place}: there is no option #{name}#{"; did you mean #{nearest}?" if nearest}"
      end
      private_class_method :of_application, :named, :of_file, :table, :in_file, :known, :check, :shared?, :refuse
    end
  end
end
