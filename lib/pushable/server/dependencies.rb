# frozen_string_literal: true

module Pushable
  module Server
    # The server's gems. An app that only publishes needs none of them, so they are no dependencies of Pushable.
    module Dependencies
      LINES = { "faye" => 'gem "faye", "~> 1.4"', "thin" => 'gem "thin", "~> 2.0"' }.freeze
      REDIS = { "redis-client" => 'gem "redis-client", "~> 0.27"' }.freeze
      private_constant :LINES, :REDIS

      # Requires them.
      #
      # @param redis [Boolean] whether several servers are to be joined
      # @raise [CannotStart] naming the lines that the Gemfile lacks
      def self.load(redis: false)
        missing = (redis ? LINES.merge(REDIS) : LINES).reject { |name, _| found?(name) }.values
        return if missing.empty?

        raise CannotStart, "the server needs gems that are not there; add to the Gemfile: #{missing.join(" and ")}"
      end

      def self.found?(name)
        require name
        true
      rescue LoadError => e
        raise CannotStart, "cannot load the gem #{name}: #{e.message.lines.first.chomp}" unless e.path == name

        false
      end
      private_class_method :found?
    end
  end
end
