# frozen_string_literal: true

module Pushable
  module Server
    # How many connections and clients there may be, and the system's and EventMachine's own bounds, which have to be
    # above that. To be made before the event loop runs.
    class Limits
      # Files that may be open beside the connections: those beyond the bound, Redis', logs.
      OTHER_FILES = 128
      # Clients are a handshake each, with or without a connection; one that vanished stays for two polls.
      CLIENTS_PER_CONNECTION = 2
      # EventMachine's bound, which has to be of no account: Faye has a few timers for each client.
      TIMERS = 100_000_000
      FEW = 4096
      private_constant :OTHER_FILES, :CLIENTS_PER_CONNECTION, :TIMERS, :FEW

      # @return [Integer]
      attr_reader :connections

      # @param wanted [Integer] connections
      # @param log [Log] is told when there will be few
      # @raise [CannotStart] when there would be none
      def initialize(wanted, log)
        EventMachine.epoll
        EventMachine.set_max_timers(TIMERS)
        files = allow_files(wanted + OTHER_FILES)
        @connections = [wanted, files - OTHER_FILES].min
        hint = "only #{files} open files are allowed here"
        raise CannotStart, "#{hint}: raise the limit (ulimit -n)" if @connections.negative?
        return if @connections == wanted || @connections >= FEW

        log.warn("#{hint}, and each browser takes one: raise the limit (ulimit -n)")
      end

      # @return [Integer]
      def clients
        CLIENTS_PER_CONNECTION * (connections + OTHER_FILES)
      end

      private

      # As many as are needed, if the system lets us.
      def allow_files(needed)
        now, most = Process.getrlimit(:NOFILE)
        EventMachine.set_descriptor_table_size(needed.clamp(now, most))
      end
    end
  end
end
