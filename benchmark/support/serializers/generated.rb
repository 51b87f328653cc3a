# frozen_string_literal: true

require_relative "serializer"

# The raw values without a question asked.
ActiveModel::AttributeSet.class_eval { def raw_attributes = @attributes }
ActiveModel::LazyAttributeSet.class_eval { def raw_row = @values }

module Bench
  module Serializers
    # The best that Ruby can do: a method generated once for each class, which puts the JSON together from the raw
    # values of the database. It checks nothing and falls back to nothing: a value that was assigned and not saved, a
    # type of the application's own, an overridden reader, a time zone other than UTC are beyond it.
    class Generated < Serializer
      TITLE = "generated Ruby"
      WORD = "generated"

      # What stands for a raw value `v` that is not nil.
      EXPRESSIONS = {
        integer: "v",
        float: "v",
        string: "JSON.generate(v)",
        text: "JSON.generate(v)",
        json: "v", # is JSON already
        boolean: "(v == true || v == 1)",
        decimal: %q("\"#{v.is_a?(Integer) ? "#{v}.0" : v}\""),
        date: %q("\"#{v.is_a?(String) ? v : v.iso8601}\""),
        datetime: "Bench::Serializers::Generated.time(v)"
      }.freeze

      # @param value [String, Time, ActiveSupport::TimeWithZone] in UTC where it is text
      # @return [String] its JSON
      def self.time(value)
        return value.getutc.strftime('"%Y-%m-%dT%H:%M:%S.%LZ"') unless value.is_a?(String)
        return "\"#{value.byteslice(0, 10)}T#{value.byteslice(11, 8)}.000Z\"" if value.bytesize < 23

        "\"#{value.byteslice(0, 10)}T#{value.byteslice(11, 12)}Z\""
      end

      def initialize(kind)
        super
        define_method_of(kind, @included)
        define_method_of(kind.reflect_on_association(@included).klass) if @included
      end

      def encode(record)
        record.generated_json
      end

      private

      def define_method_of(model, included = nil)
        model.class_eval <<~RUBY, __FILE__, __LINE__ + 1 # rubocop:disable Style/DocumentDynamicEvalDefinition
          # frozen_string_literal: true
          def generated_json
            set = @attributes
            if set.instance_of?(ActiveModel::LazyAttributeSet)
              row = set.raw_row
              #{document(model, included) { |name| "row[#{name.inspect}]" }}
            else
              attributes = set.raw_attributes
              #{document(model, included) { |name| "attributes[#{name.inspect}].value_before_type_cast" }}
            end
          end
        RUBY
      end

      # @yieldparam name [String] a column
      # @yieldreturn [String] code that reads its raw value
      # @return [String] code: one string with all that is in it
      def document(model, included)
        members = model.column_names.map do |name|
          expression = EXPRESSIONS.fetch(model.type_for_attribute(name).type)
          member(name, "(v = #{yield name}).nil? ? \"null\" : #{expression}")
        end
        members << member(included.to_s, "#{included}.generated_json") if included
        "\"{#{members.join(",")}}\""
      end

      def member(name, code)
        "\\\"#{name}\\\":\#{#{code}}"
      end
    end
  end
end
