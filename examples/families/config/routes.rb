# frozen_string_literal: true

Rails.application.routes.draw do
  root "families#index"

  resources :families, only: [] do
    resources :members, only: :index
  end
  resources :members, only: %i[show create update destroy]
end
