# frozen_string_literal: true

module Pushable
  module Server
    # The end, at INT or TERM: nobody new is let in, the clients are sent elsewhere, replies under way are finished, and
    # after `drain` seconds it is over, whatever the clients do. A second signal ends it at once.
    class Shutdown
      # Seconds that the sockets of clients who have been sent away stay open, for what they had sent before: a
      # subscription that is not answered would be lost to Faye's client.
      LAST_ANSWERS = 0.3
      # Seconds between two looks at who is still there.
      LOOK = 0.05
      # Seconds that one press of Ctrl-C may take to come twice: from the terminal, and from what started us.
      ECHO = 0.2
      # Seconds after which an event loop that is stuck is not waited for.
      STUCK = 0.5
      private_constant :LAST_ANSWERS, :LOOK, :ECHO, :STUCK

      # @param seconds [Numeric]
      # @param listener [Listener]
      # @param assembly [Assembly]
      # @param log [Log]
      def initialize(seconds, listener, assembly, log)
        @seconds = seconds
        @listener = listener
        @assembly = assembly
        @log = log
      end

      # A trap may not touch EventMachine, so a thread waits for its word.
      # @return [void]
      def on_signals
        signals = Thread::Queue.new
        %w[INT TERM].each { |name| trap(name) { signals << name } }
        Thread.new do
          signals.pop
          EventMachine.next_tick { leave }
          sleep ECHO
          signals.clear
          Thread.new do
            sleep(@seconds + STUCK - ECHO)
            signals << nil
          end
          signals.pop
          exit!(true)
        end
      end

      private

      def leave
        @log.info("leaving: #{@listener.size} connections, #{@seconds} s at most")
        @listener.disconnect
        @assembly.leave
        half = @seconds / 2.0
        EventMachine.add_timer([LAST_ANSWERS, half].min) { @assembly.close }
        EventMachine.add_timer(half) { @listener.close_websockets }
        EventMachine.add_periodic_timer(LOOK) { finish if @listener.close_idle.empty? }
        EventMachine.add_timer(@seconds) { finish }
      end

      def finish
        EventMachine.stop
      end
    end
  end
end
