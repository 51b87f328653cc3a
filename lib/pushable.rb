# frozen_string_literal: true

require "bigdecimal"
require "json"
require "logger"
require "active_support"
require "active_model"
require "active_model/attribute_mutation_tracker"
require "active_model/attribute_set"
require "active_support/core_ext/object/json"
require "active_support/json"
require "active_support/core_ext/string/inflections"
require "active_support/lazy_load_hooks"
require "active_support/notifications"
require "active_support/time_with_zone"

require_relative "pushable/version"
require_relative "pushable/errors"
require_relative "pushable/keys"
require_relative "pushable/settings_file"
require_relative "pushable/access"
require_relative "pushable/configuration"
require_relative "pushable/reporting"
require_relative "pushable/delivery"
require_relative "pushable/columns"
require_relative "pushable/includes"
require_relative "pushable/mute"
require_relative "pushable/origin"
require_relative "pushable/declaration"
require_relative "pushable/target"
require_relative "pushable/channel"
require_relative "pushable/layout"
require_relative "pushable/shape"
require_relative "pushable/plan"
require_relative "pushable/redefinition"
require "pushable/pushable_ext"
require_relative "pushable/by_hand"
require_relative "pushable/courier"
require_relative "pushable/leaving"
require_relative "pushable/model"
require_relative "pushable/authorization"

# Keeps browsers true to a Rails app's records: what a model declares with {Model#push} is turned into JSON when the
# transaction commits and posted to a Faye server, without making the caller wait.
module Pushable
  autoload :MetaTags, "pushable/meta_tags" # these two are for Rails
  autoload :TokensController, "pushable/tokens_controller"

  class << self
    # @!method encode(value, only: nil, except: nil, methods: nil, include: nil)
    #   The JSON that is pushed for a record, or of any value that answers +as_json+. The options are those of +as_json+
    #   and of {Model#push}, also for the records of an Array or a relation.
    #   @param value [Object]
    #   @return [String] UTF-8; for a record what +as_json+ says, less the secret columns that +only+ does not name
    #   @raise [EncodingError, NestingError] naming where in the value
    #   @raise [ArgumentError] naming an option that there is not

    # @!method publish(channel, object, event: "update")
    #   Publishes by hand.
    #   @param channel [String] the channel's name, without +/sync/+
    #   @param object [Object] a record or anything that answers +as_json+
    #   @param event [String, Symbol] create, update, destroy or resync
    #   @return [Boolean] queued (+:async+), acknowledged by the server (+:inline+), kept (+:test+)
    #   @raise [ArgumentError] for a channel or event that cannot be
    #   @raise [EncodingError, NestingError, MessageTooLarge] naming where in the object

    # @!method resync(target)
    #   Tells browsers that they may have missed something: they fetch.
    #   @param target [String, ActiveRecord::Base, Class] a channel's name; a record: all of its channels; a class: its
    #     channels, or where these depend on the record every client
    #   @return [Boolean] as {Pushable.publish}, for all of the messages; false when there is no channel
    #   @raise [ArgumentError] for anything else, a new record, or a channel that cannot be

    # Lets a browser subscribe to one channel, where the Faye server asks for tokens.
    #
    #   Pushable.token("family_1_members")
    #   Pushable.token(member, expires_in: 1.hour)
    #
    # @param channel [String, Object] a channel's name, or a record: the channel of its instance
    # @param expires_in [Numeric, ActiveSupport::Duration] seconds; when they are over, so is the subscription
    # @return [String]
    # @raise [ArgumentError] for a channel that cannot be, a record that is in none of its own, or without a secret
    def token(channel, expires_in: Keys::DAY)
      raise ArgumentError, "Pushable.token: expires_in is a number of seconds" unless expires_in.to_i.positive?

      secret = config.secret or raise ArgumentError,
                                      "Pushable.token: there is no secret to sign with: set config.secret"
      Keys.token(secret, Channel.wire(Channel.name_of(channel)), Time.now.to_i + expires_in.to_i)
    end

    # What is written inside the block is not pushed, whenever it is committed. Blocks may be nested; other threads and
    # fibers push on. {publish} and {resync} are not muted.
    #
    #   Pushable.mute { Member.find_each { |member| member.update!(imported: true) } }
    #
    # @return [Object] what the block gives
    def mute(&)
      Mute.during(Object, &)
    end

    # @yieldparam config [Configuration]
    # @return [void]
    # @raise [ArgumentError] naming the option, when a value cannot be
    def configure
      candidate = config.dup
      yield candidate
      candidate.check
      @config = candidate
      Delivery.mode = candidate.delivery_method
      Plan.forget_all
      Reporting.forget
      Courier.renew
    end

    # @return [Configuration]
    def config
      @config ||= Configuration.new(ENV, SettingsFile.section)
    rescue SettingsFile::Invalid => e
      raise ArgumentError, "pushable: #{e.message}"
    end

    # Waits until everything pushed so far is acknowledged, or given up. Callable from a trap handler; in a fiber
    # scheduler the other fibers go on.
    # @param timeout [Numeric] seconds
    # @return [Boolean] false when the time was over before
    def flush(timeout = 5)
      Courier.flush(timeout)
    end

    # Sends what waits, for at most +timeout+ seconds, and ends the courier: what is pushed afterwards is refused, and
    # reported. Called at exit. Callable from a trap handler.
    # @param timeout [Numeric] seconds
    # @return [void]
    def shutdown(timeout = config.exit_timeout)
      Courier.shutdown(timeout)
    end

    # Holds back what is pushed, in this process and those forked from it, until {resume}: the queue fills, and when it
    # is full forgets its oldest. The POST under way is finished. +:inline+ deliveries go on, and so does {shutdown}.
    # Callable from a trap handler.
    # @return [void]
    def pause
      Courier.pause
    end

    # Ends {pause}.
    # @return [void]
    def resume
      Courier.resume
    end

    # What has become of messages since this process started, forked, or was given other settings for its deliveries.
    # Cheap; any thread, and a trap handler.
    #
    # Counters:
    # [+:pushed+] messages taken: queued, or by +:inline+ posted
    # [+:delivered+] acknowledged by the server
    # [+:dropped+] lost for another reason than that the server refused them: the sum of the next three
    # [+:overflowed+] the oldest of a full queue
    # [+:expired+] older than +max_age+
    # [+:abandoned+] not sent when the courier ended; an +:inline+ POST that failed
    # [+:rejected+] refused by the server for good
    # [+:retries+] POSTs that failed and were tried again
    # [+:batches+] POSTs that were acknowledged
    # [+:bytes+] bytes of their bodies
    # [+:connections+] opened
    # [+:resyncs+] channels that were told to fetch, because a message of theirs was lost
    # [+:untold+] channels that could not be told so, as the server refused it
    # [+:reported+] errors after a commit (of all settings)
    #
    # What is the case now:
    # [+:pending_messages+, +:pending_bytes+] waiting, the batch on its way included
    # [+:oldest_age+] seconds that the oldest of them waits, or nil
    # [+:down+] whether the server cannot be reached
    # [+:down_since+] seconds since the epoch, or nil
    # [+:paused+] by {pause}
    # [+:last_error+] why the last POST failed, or nil
    # [+:last_success_at+] seconds since the epoch, or nil
    #
    # @return [Hash{Symbol => Integer, Float, Boolean, String, nil}]
    def stats
      Courier.stats.merge(reported: Reporter.count)
    end

    # How fast the JSON of each class is made that was serialized so far: most columns are written from what the
    # database gave, without casting them first. What has to be asked of +as_json+ says why.
    #
    #   Pushable.serializer_report
    #   # => {"Member" => {"id" => nil, "tags" => "its type is ActiveRecord::Type::Json"},
    #   #     "Family" => "its as_json is the application's"}
    #
    # @return [Hash{String => Hash{String => String, nil}, String}] by class; by column nil where it is fast
    def serializer_report
      Plan.report
    end

    # What was pushed with +config.delivery_method = :test+: the wire's messages, parsed, oldest first. Clear it between
    # tests.
    # @return [Array<Hash>]
    def deliveries
      Delivery.deliveries
    end

    # @return [Logger] Rails' own in a Rails app, else one to standard error
    def logger
      @logger || (defined?(::Rails) && ::Rails.respond_to?(:logger) && ::Rails.logger) || fallback_logger
    end

    attr_writer :logger

    private

    def fallback_logger
      @fallback_logger ||= Logger.new($stderr, level: Logger::WARN)
    end
  end

  config.check
  Delivery.mode = config.delivery_method
  Leaving.register
  Process.singleton_class.prepend(Leaving::Daemon)

  ActiveSupport.on_load(:active_record) { extend Model }
  ActiveSupport.on_load(:active_job) { around_perform { |_job, block| Origin.without { block.call } } }
end

require_relative "pushable/engine" if defined?(Rails::Engine)
