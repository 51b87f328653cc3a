# frozen_string_literal: true

# The models are written for today's Rails. What an older one spells another way is translated here, and nowhere else.
module OlderRails
  module Before71
    def serialize(name, *coders, coder: nil) = super(name, *coders, *coder)
  end

  module Before70
    def enum(name, values) = super(name => values)
    # It encrypts nothing, but says what it would have: more Pushable never asks.
    def encrypts(*names) = define_singleton_method(:encrypted_attributes) { names }
  end

  { "7.1" => Before71, "7.0" => Before70 }.each do |version, spelling|
    ActiveRecord::Base.extend(spelling) if ActiveRecord.version < Gem::Version.new(version)
  end
end
