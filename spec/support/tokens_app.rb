# frozen_string_literal: true

# A Rails app with a page and a session, for the endpoint that gives out tokens: spec/pushable/tokens_endpoint_spec.rb
# runs it in a process of its own. RAILS_ENV, AUTHORIZE (Ruby) and API are in its environment; what STEPS (Ruby) gives
# is printed as JSON. STEPS have what is defined here.
require "action_controller/railtie"
require "json"
require "pushable"

LOG = StringIO.new

class TokensApp < Rails::Application
  config.eager_load = ENV["RAILS_ENV"] == "production"
  config.logger = Logger.new(LOG)
  config.secret_key_base = "x" * 64
  config.hosts.clear
  config.consider_all_requests_local = false
  config.api_only = ENV.key?("API")
end

TokensApp.initialize!

class PagesController < ActionController::Base
  protect_from_forgery with: :exception

  def show
    session[:user] = params[:user]
    render inline: "<%= csrf_meta_tags %><%= pushable_meta_tags(*params[:channels]) %>"
  end
end

TokensApp.routes.draw do
  get "/page" => "pages#show"
  match "*anything" => "pages#show", via: :all # whatever the app routes, the endpoint is found
end
Pushable.configure do |config|
  config.secret = ENV.fetch("SECRET")
  config.authorize = eval(ENV["AUTHORIZE"]) if ENV["AUTHORIZE"] # rubocop:disable Security/Eval
end

BROWSER = ActionDispatch::Integration::Session.new(TokensApp)

def use(**settings)
  Pushable.configure { |config| settings.each { |name, value| config.public_send(:"#{name}=", value) } }
end

def page(**params)
  BROWSER.get("/page", params:)
  BROWSER.response.body
end

def csrf
  page(user: "ann")[/name="csrf-token" content="([^"]+)"/, 1]
end

# @return [Array] status and body, parsed where it is JSON
def ask(body, headers = { "X-CSRF-Token" => csrf }, type: "application/json", env: {}, **options)
  body = JSON.generate(body) unless body.is_a?(String)
  BROWSER.post("/pushable/tokens", params: body, headers: { "CONTENT_TYPE" => type, **headers }, env:, **options)
  answer = BROWSER.response
  [answer.status, answer.media_type == "application/json" ? JSON.parse(answer.body) : answer.body]
end

puts JSON.generate(eval(ENV.fetch("STEPS"))) # rubocop:disable Security/Eval
