# frozen_string_literal: true

module Pushable
  # For views; in Rails every view has it.
  module MetaTags
    # The position that a page starts from is a little older than the page: what was committed while it was rendered may
    # be missing in it.
    MARGIN = 2_000_000
    private_constant :MARGIN

    # What the browser client has to know, for the page's +<head>+: where the Faye server is, where tokens come from,
    # when the page was rendered, and a token for each channel that is named.
    #
    #   <%= pushable_meta_tags "family_#{@family.id}_members" %>
    #
    # Whoever sees the page may listen to these channels, so name those that the page shows; +config.authorize+ is not
    # asked. A cache must not keep such a page longer than its tokens are good for, nor show it to others.
    #
    # @param channels [Array<String, Object>] names, or records: the channels of these instances
    # @param expires_in [Numeric, ActiveSupport::Duration] seconds
    # @return [ActiveSupport::SafeBuffer]
    # @raise [ArgumentError] as {Pushable.token}
    def pushable_meta_tags(*channels, expires_in: Keys::DAY)
      now = Process.clock_gettime(Process::CLOCK_REALTIME, :microsecond)
      tags = [tag.meta(name: "pushable-url", content: Pushable.config.public_url),
              tag.meta(name: "pushable-tokens-url", content: main_app.pushable_tokens_path),
              tag.meta(name: "pushable-time", content: now - MARGIN)]
      names = channels.map { |channel| Channel.name_of(channel) }
      tags += names.map do |name|
        tag.meta(name: "pushable-token", content: Pushable.token(name, expires_in:), data: { channel: name })
      end
      safe_join(tags, "\n")
    end
  end
end
