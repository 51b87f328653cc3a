# frozen_string_literal: true

require "did_you_mean"
require "erb"
require "yaml"

module Pushable
  # config/pushable.yml: a section for each environment, with ERB. In it is what the application is told, and under
  # `faye` what only its Faye server is. Needs neither Rails nor the extension.
  # @api private
  module SettingsFile
    NAME = "config/pushable.yml"

    # What is wrong with it, in one line for a person.
    class Invalid < StandardError
    end

    class << self
      # @param env [#[]]
      # @return [String]
      def environment(env = ENV)
        env["RAILS_ENV"] || env["RACK_ENV"] || "development"
      end

      # @return [String] where config/ is: beside the Gemfile, else the working folder
      def home
        [File.dirname(ENV.fetch("BUNDLE_GEMFILE", "Gemfile")), Dir.pwd].find { |folder| in?(folder) } || Dir.pwd
      end

      # @param directory [String] where config/ is
      # @return [Hash{String => Object}] what is said there; empty where there is no such file
      # @raise [Invalid]
      def section(environment = self.environment, directory = home)
        return {} unless in?(directory)

        all = table(YAML.safe_load(ERB.new(File.read(File.join(directory, NAME))).result, aliases: true), NAME)
        table(all[environment], "#{NAME}, #{environment}").compact
      rescue SystemCallError, Psych::Exception => e
        raise Invalid, "#{NAME}: cannot be read (#{e.message})"
      end

      # @raise [Invalid] unless it is a table, or nothing
      def table(value, place)
        return value || {} if value.nil? || value.is_a?(Hash)

        raise Invalid, "#{place}: must hold names and values"
      end

      # @return [String] about a name that is not among those
      def unknown(name, names)
        nearest = DidYouMean::SpellChecker.new(dictionary: names.map(&:to_s)).correct(name.to_s).first
        "there is no option #{name}#{"; did you mean #{nearest}?" if nearest}"
      end

      private

      def in?(folder)
        File.exist?(File.join(folder, NAME))
      end
    end
  end
end
