# frozen_string_literal: true

%w[generated json_generate oj_optimized oj_rails panko panko_array pushable to_json].each do |name|
  require_relative "serializers/#{name}"
end

module Bench
  module Serializers
    # Those that share a process, and those of the other.
    TOGETHER = [Pushable, ToJson, JsonGenerate, OjRails, Panko, PankoArray, Generated].freeze
    APART = [Pushable, OjOptimized].freeze
  end
end
