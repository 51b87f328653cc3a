# frozen_string_literal: true

module Pushable
  # POST /pushable/tokens, in the application's session: which of the channels its sender may subscribe to.
  #
  #   {"channels": ["family_1_members", "member_7"]}
  #
  #   {"channels": {"family_1_members": {"token": "v1.…", "expires_in": 3600},
  #                 "member_7": {"error": "forbidden"}}}
  #
  # CSRF is looked after as the application's controllers do it: the token of csrf_meta_tags goes in X-CSRF-Token.
  class TokensController < ActionController::Base
    MOST_CHANNELS = 100
    MOST_BYTES = 64 * 1024
    # Seconds that its tokens are good for: so long a browser that is no longer allowed to may listen.
    LIFETIME = 60 * 60

    # Before anything is read, and Rails would parse it.
    class Limit
      def initialize(app)
        @app = app
      end

      def call(env)
        length = Integer(env["CONTENT_LENGTH"] || "", 10, exception: false)
        return @app.call(env) if length&.<=(MOST_BYTES)

        [length ? 413 : 411, { "content-type" => "text/plain" }, []]
      end
    end

    use Limit
    # Rails 6.1 would ask for it without a session, too.
    protect_from_forgery with: :exception, if: -> { request.has_header?("rack.session") }
    wrap_parameters false

    def create
      channels = params[:channels]
      return refuse("channels is an Array of Strings") unless channels.is_a?(Array) && channels.all?(String)
      return refuse("at most #{MOST_CHANNELS} channels at once") if channels.size > MOST_CHANNELS

      response.headers["Cache-Control"] = "no-store"
      render json: { channels: channels.to_h { |channel| [channel, answer(channel)] } }
    end

    private

    def refuse(error)
      render json: { error: }, status: :bad_request
    end

    def answer(channel)
      token = Pushable.token(channel, expires_in: LIFETIME)
      return { error: "forbidden" } unless Authorization.granted?(channel, request)

      { token:, expires_in: LIFETIME }
    rescue ArgumentError => e
      { error: e.message }
    end
  end
end
