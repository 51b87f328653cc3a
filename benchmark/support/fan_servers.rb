# frozen_string_literal: true

require "rbconfig"
require_relative "../../spec/support/faye_process"

module Bench
  # The servers that bring messages to subscribers, each in a process of its own.
  module FanServers
    FOLDER = File.expand_path("servers", __dir__)
    FILES = { rlimit_nofile: [8192, 8192] }.freeze

    # What is asked of all of them: a port, and what it has used.
    module Usage
      # @return [Float] microseconds of CPU so far
      def cpu
        Dir["/proc/#{pid}/task/*/schedstat"].sum { |file| File.read(file).to_i } / 1000.0 # of nanoseconds
      end

      # @return [Integer] bytes in memory
      def rss
        File.read("/proc/#{pid}/status")[/VmRSS:\s+(\d+)/, 1].to_i * 1024
      end
    end

    # Starts a program, and reads from it where it listens.
    class Program < ChildProcess
      include Usage

      attr_reader :port

      def initialize(...)
        super(*command, **FILES)
        wait_for_output(listening = /istening on \D*(?:127\.0\.0\.1:)?(\d+)/, 30)
        @port = output[listening, 1].to_i
      end
    end

    # `rake faye:start`.
    class Guarded < FayeProcess
      include Usage

      TITLE = "rake faye:start"
      WORD = "pushable"
      SUBSCRIBING = ["/faye"].freeze

      def self.start
        super(spawn: FILES)
      end
    end

    # Faye on Thin.
    class Plain < Program
      TITLE = "Faye on Thin, unguarded"
      WORD = "plain"
      SUBSCRIBING = ["/faye"].freeze

      def command
        [RbConfig.ruby, "-rbundler/setup", File.join(FOLDER, "plain_faye.rb")]
      end
    end

    # Faye on node.
    class Node < Program
      TITLE = "npm's faye on node"
      WORD = "npm"
      SUBSCRIBING = ["/faye"].freeze

      def command
        ["node", File.join(FOLDER, "faye.js")]
      end
    end

    # Action Cable on Puma.
    class Cable < Program
      TITLE = "Action Cable on Puma"
      WORD = "cable"
      SUBSCRIBING = ["/cable", "actioncable-v1-json"].freeze

      def command
        [RbConfig.ruby, "-rbundler/setup", Gem.bin_path("puma", "puma"), "--environment", "production",
         "--bind", "tcp://127.0.0.1:0", File.join(FOLDER, "cable.ru")]
      end
    end

    ALL = [Guarded, Plain, Node, Cable].freeze

    def self.start(kind)
      kind == Guarded ? kind.start : kind.new
    end
  end
end
