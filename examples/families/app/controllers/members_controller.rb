# frozen_string_literal: true

# What a Backbone collection and its models ask for, and nothing of Pushable: the model's `push` line does that.
class MembersController < ApplicationController
  # The smoke run sets this and asks for it with a header, to have the push arrive before the reply.
  SLOW_SECONDS = ENV["PUSHABLE_DEMO_SLOW_MS"].to_i / 1000.0

  after_action -> { sleep SLOW_SECONDS if request.headers["X-Demo-Slow"] }, only: :create

  def index
    render json: Family.find(params[:family_id]).members
  end

  def show
    render json: Member.find(params[:id])
  end

  def create
    save Member.new(member_params), :created
  end

  def update
    member = Member.find(params[:id])
    member.assign_attributes(member_params)
    save member, :ok
  end

  def destroy
    Member.find(params[:id]).destroy!
    head :no_content
  end

  private

  def save(member, status)
    if member.save
      render json: member, status: status
    else
      render json: { errors: member.errors }, status: :unprocessable_entity
    end
  end

  def member_params
    params.require(:member).permit(:name, :family_id)
  end
end
