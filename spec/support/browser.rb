# frozen_string_literal: true

# Every family's collection in a browser: applies only the changed columns of a record it holds.
class Browser
  EVERYONE = "/sync/$all"

  attr_reader :collections

  # @param channels [Array<String>] collections that are there from the beginning
  # @param fetch [#call, nil] what a channel's collection is now, {id => object}; without it a resync is ignored
  def initialize(channels = [], &fetch)
    @collections = Hash.new { |hash, channel| hash[channel] = {} }
    channels.each { |channel| @collections[channel] }
    @fetch = fetch
  end

  def apply(message)
    channel, data = message.values_at("channel", "data")
    event, object, changed = data.values_at("event", "object", "changed")
    if event == "resync" then fetch(channel)
    elsif channel.end_with?("_members") then change(@collections[channel], event, object, changed)
    end
  end

  private

  def fetch(channel)
    return unless @fetch

    channels = channel == EVERYONE ? @collections.keys : [channel]
    (channels & @collections.keys).each { |name| @collections[name] = @fetch.call(name) }
  end

  def change(collection, event, object, changed)
    held = collection[object["id"]]
    if event == "destroy" then collection.delete(object["id"])
    elsif held && changed then held.merge!(object.slice(*changed))
    else collection[object["id"]] = object
    end
  end
end
