# frozen_string_literal: true

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
      FILE = SettingsFile::NAME
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
      def self.options(env = ENV, words: [], directory: SettingsFile.home)
        words.each { |word| check(word) }
        environment = SettingsFile.environment(env)
        given = of_file(environment, directory)
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

      def self.of_file(environment, directory)
        section = SettingsFile.section(environment, directory)
        own = SettingsFile.table(section["faye"], "#{FILE}, #{environment}, faye")
        in_file(section.slice(*SHARED.map(&:name)), environment).merge(in_file(known(own), "#{environment}, faye"))
      rescue SettingsFile::Invalid => e
        raise CannotStart, e.message
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
        raise CannotStart, "#{place}: #{SettingsFile.unknown(name, OWN)}"
      end
      private_class_method :of_application, :named, :of_file, :in_file, :known, :check, :shared?, :refuse
    end
  end
end
