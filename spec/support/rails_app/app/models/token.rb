# frozen_string_literal: true

# Asks for Rails' key generator while its class body runs: where all classes are loaded at boot, that is before Rails
# has settled which digest the generator uses, and Rails keeps the generator.
class Token
  VERIFIER = Rails.application.message_verifier(:tokens)
end
