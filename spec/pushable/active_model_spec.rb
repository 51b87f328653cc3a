# frozen_string_literal: true

require "support/pushing"

# Models without a database: they push right after their callbacks, as they know no commit.
RSpec.describe "Pushing a model of Active Model's", :pushing do
  def declare(&body)
    stub_const("Reading", Class.new do
      extend ActiveModel::Callbacks
      include ActiveModel::Model
      include ActiveModel::Attributes
      include ActiveModel::Serializers::JSON
      extend Pushable::Model

      define_model_callbacks :create, :update, :destroy
      attribute :id, :integer
      attribute :celsius, :float
      attribute :password
      class_eval(&body)
      def create = run_callbacks(:create) { true }
      def update(**values) = run_callbacks(:update) { assign_attributes(values) }
      def destroy = run_callbacks(:destroy) { true }
    end)
  end

  let(:reading) { Reading.new(id: 7, celsius: 21.5) }

  it "pushes after its callbacks" do
    declare { push }
    expect(events { reading.create }).to eq([%w[readings create]])
    expect(Pushable.deliveries.last["data"]["object"]).to eq("id" => 7, "celsius" => 21.5)
    messages = pushes { reading.update(celsius: 22.0) }
    expect(messages.map { |message| message["channel"] }).to eq(%w[/sync/readings /sync/reading_7])
    expect(messages.map { |message| message["data"] })
      .to all(include("event" => "update", "object" => { "id" => 7, "celsius" => 22.0 }))
    expect(messages.map { |message| message["data"] }).to all(satisfy { |data| !data.key?("changed") })
    expect(pushes { reading.destroy }.map { |message| message["data"]["object"] }).to eq([{ "id" => 7 }] * 2)
  end

  it "knows channel methods, conditions, formats and what a line carries" do
    declare do
      push create: ["room_%{id}", :collections], if: -> { celsius > 0 }, only: %i[celsius], methods: %i[kelvin]
      def collection_channel = "all"
      def kelvin = celsius + 273.15
      private :collection_channel
    end
    expect(events { reading.create }).to eq([%w[room_7 create], %w[all create]])
    expect(Pushable.deliveries.last["data"]["object"]).to eq("celsius" => 21.5, "kelvin" => 294.65)
    expect(events { Reading.new(id: 8, celsius: -1.0).create }).to be_empty
  end

  it "reports what fails, and is not hurt" do
    declare do
      push create: ->(_) { raise "no" }
    end
    expect(pushes { expect(reading.create).to be(true) }).to be_empty
    expect(log).to match(/Reading.*RuntimeError: no/)
  end

  it "needs callbacks" do
    expect { Class.new { extend Pushable::Model }.push }
      .to raise_error(ArgumentError, /define_model_callbacks :create, :update, :destroy/)
  end
end
