# frozen_string_literal: true

require_relative "saying"

# In an application of CourierApp's: children, and the ways they leave.
module Forking
  AT_ONCE = [
    -> { say(10) && flush && exit!(true) },
    -> { say(10) && flush && Forking.leave_with_own_sockets },
    -> { exit!(true) }
  ].freeze
  IN_FULL = [-> { say 30 }, -> { say(10) && exit }, -> { exit }, -> { GC.start && exit }].freeze
  WAYS = (AT_ONCE + IN_FULL).freeze # to leave in full, a child of a large parent has to copy its memory

  module_function

  # @param number [Integer] which of the ways, that go round
  # @return [Integer] the child's pid
  def fork_off(number, ways = WAYS)
    Forking.parents_sockets = Forking.tcp_sockets
    fork(&ways[number % ways.size])
  end

  class << self
    attr_accessor :parents_sockets

    # In a child that has pushed.
    def leave_with_own_sockets
      shared = tcp_sockets & parents_sockets
      shared.empty? ? exit!(true) : abort("shared with the parent: #{shared}")
    end

    # @return [Array<String>] inodes of this process's TCP sockets
    def tcp_sockets
      here = Dir.children("/proc/self/fd").filter_map { |fd| socket("/proc/self/fd/#{fd}") }
      here & File.readlines("/proc/self/net/tcp").map { |line| line.split[9] }
    end

    private

    def socket(path)
      File.readlink(path)[/\Asocket:\[(\d+)\]/, 1]
    rescue Errno::ENOENT
      nil # closed meanwhile, or the folder's own
    end
  end
end

include Forking # rubocop:disable Style/MixinUsage -- it is all there is in that process
