# frozen_string_literal: true

module Bench
  # Runs a block in a process of its own.
  module Apart
    module_function

    # Call it while there is no connection to a database: processes cannot share one.
    # @return [Object] a copy of what the block returned
    def run
      $stdout.flush
      reader, writer = IO.pipe(binmode: true)
      pid = fork do
        reader.close
        Marshal.dump(yield, writer)
        writer.close
        exit!(true)
      end
      writer.close
      dumped = reader.read
      abort "#{$PROGRAM_NAME}: a process of its own failed" unless Process.wait2(pid).last.success?
      Marshal.load(dumped) # rubocop:disable Security/MarshalLoad -- our own
    end
  end
end
