# frozen_string_literal: true

module Bench
  # Runs a block in a process of its own.
  module Apart
    module_function

    # Call it before the libraries are loaded that the process is not to share.
    # @return what the block returned, copied
    def run
      reader, writer = IO.pipe(binmode: true)
      pid = fork do
        reader.close
        Marshal.dump(yield, writer)
        writer.close
        exit!(true)
      end
      writer.close
      dumped = reader.read
      Process.wait(pid)
      abort "#{$PROGRAM_NAME}: a process of its own failed" unless $CHILD_STATUS.success?
      Marshal.load(dumped) # rubocop:disable Security/MarshalLoad -- our own
    end
  end
end
