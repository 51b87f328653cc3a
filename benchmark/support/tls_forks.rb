# frozen_string_literal: true

require "tmpdir"
require_relative "../../spec/support/certificates"
require_relative "../../spec/support/faye_process"

module Bench
  # A process that pushes over TLS and forks again and again; its children push, too.
  module TLSForks
    FORKS = 5

    module_function

    # @return [Integer] the connections that the parent has opened
    def connections
      Dir.mktmpdir do |folder|
        key, cert = Certificates.pair(folder)
        faye = FayeProcess.start(key: key, cert: cert)
        Pushable.configure { |config| [config.server = faye.url, config.ca_file = cert] }
        push
        FORKS.times do
          child
          push
        end
        Pushable.stats[:connections].tap { faye.stop }
      end
    end

    def child
      pid = fork do
        push
        Pushable.shutdown
        exit!(true) # the at_exit blocks are the parent's
      end
      abort "#{$PROGRAM_NAME}: a child has failed" unless Process.wait2(pid).last.success?
    end

    def push
      (Pushable.publish("bench", "over TLS") && Pushable.flush(20)) || abort("#{$PROGRAM_NAME}: not delivered")
    end
  end
end
