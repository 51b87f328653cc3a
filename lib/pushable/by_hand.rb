# frozen_string_literal: true

module Pushable
  # What can be done by hand with a class that pushes. Where the class has a method, scope or column of such a name, the
  # name stays the class's.
  module ByHand
    EVENTS = %i[create update destroy].freeze
    BATCH = 1000

    # A class's own silence.
    module Muting
      # What is written to records of this class and its subclasses inside the block is not pushed, as by
      # {Pushable.mute}.
      # @return [Object] what the block gives
      def mute_pushes(&)
        Mute.during(self, &)
      end
    end

    # Many records.
    module Records
      # Pushes every record of a class, a relation or an association, for what Rails runs no callbacks at (+update_all+,
      # +insert_all+, +delete_all+). The rows are read in batches, each once, and pushed as they are in the database.
      #
      #   Member.where(family: family).update_all(moved: true)
      #   Member.where(family: family).push_all
      #
      # @param event [Symbol, String] create, update or destroy
      # @return [Integer] how many records were pushed; 0 when the class is muted
      # @raise [ArgumentError] for another event, or a class without a primary key
      def push_all(event = :update)
        event = ByHand.check(event, self)
        return 0 if Mute.covers?(self)

        relation = all
        count = 0
        # A relation reaches us inside its own +scoping+; the class's channel methods must not be held to it.
        default_scoped.scoping do
          ByHand.batches(relation) { |records| count += records.uniq.count { |each| ByHand.push(each, event) } }
        end
        count
      end
    end

    # One record.
    module Record
      # Pushes this record as it is in the database, at once, for what Rails runs no callbacks at (+update_column+,
      # +increment_counter+, a trigger). Inside a transaction that is what the transaction sees: better call it after.
      #
      # @param event [Symbol, String] create, update or destroy
      # @return [Boolean] false when the row is gone or cannot be read (that is reported), the class is muted, or the
      #   record is in no channel that hears of the event
      # @raise [ArgumentError] for another event, a new record, or a class without a primary key
      def push_now(event = :update)
        return super() if defined?(super) # a column of that name

        event = ByHand.check(event, self.class)
        raise ArgumentError, "#{self.class}: push_now: the record is new: save it first" if new_record?

        ByHand.push_row(self, event)
      end
    end

    class << self
      # Gives a class what it has no own names for.
      # @api private
      def add_to(klass)
        klass.extend(Muting) unless klass.respond_to?(:mute_pushes, true)
        return unless defined?(::ActiveRecord::Base) && klass < ::ActiveRecord::Base # else there are no rows to read

        klass.extend(Records) unless klass.respond_to?(:push_all, true)
        klass.include(Record) unless klass.method_defined?(:push_now) || klass.private_method_defined?(:push_now)
      end

      # @api private
      # @return [Symbol] the event
      def check(event, klass)
        known = EVENTS.find { |each| each.to_s == event.to_s }
        raise ArgumentError, "#{klass}: unknown event #{event.inspect} (create, update or destroy)" unless known
        raise ArgumentError, "#{klass} has no primary key: its rows cannot be found again" unless klass.primary_key

        known
      end

      # @api private
      def push(record, event)
        !Mute.covers?(record.class) && Direct.push(record, event)
      end

      # @api private
      # The row now, as this process may know an old one; of a destroyed one the record at hand is all there is.
      def push_row(record, event)
        return false if Mute.covers?(record.class)

        record = reread(record) unless event == :destroy
        !record.nil? && push(record, event)
      rescue StandardError => e
        Reporter.report(e, record, "push_now")
        false
      end

      # @api private
      # Yields Arrays of whole records. A limit depends on the order, which batches do without: there the keys come
      # first.
      def batches(relation, &block)
        klass = relation.klass
        relation = relation.unscope(:select)
        unless relation.limit_value || relation.offset_value
          return relation.reorder(nil).find_in_batches(batch_size: BATCH, &block)
        end

        columns = Array(klass.primary_key).map(&:to_sym)
        keys = klass.uncached { relation.pluck(*columns).uniq }
        rows = relation.except(:limit, :offset).reorder(*columns)
        keys.each_slice(BATCH) { |slice| block.call(klass.uncached { rows.where(klass.primary_key => slice).to_a }) }
      end

      private

      def reread(record)
        klass = record.class
        key = Array(klass.primary_key).to_h { |name| [name, record.attribute_in_database(name)] }
        klass.uncached { klass.unscoped.where(key).take }
      end
    end
  end
end
