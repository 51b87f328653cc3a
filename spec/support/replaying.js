// What a Faye client does to miss nothing: with each subscription it sends its place in the server's log, and takes what
// it missed from the reply. What is forwarded between a lost connection and the reply waits, so that all comes in order;
// what comes twice is dropped by its id. Faye itself subscribes again after a handshake; after a lost connection this does.
// Uses what Faye documents, and that npm's client since 1.4.2 sends every subscribe() to the server.
"use strict";

const SUBSCRIBE = "/meta/subscribe";

// time: of the page's render, in microseconds; deliver(channel, data) and resync(channel) are called in order.
// Returns the function to call with what is forwarded.
module.exports = (client, channels, { time, deliver, resync }) => {
  const places = new Map(channels.map((channel) => [channel, { time }]));
  const waiting = new Map(channels.map((channel) => [channel, []])); // of the channels that wait for a reply
  const known = new Set();

  const once = (channel, data) => {
    if (known.has(data.id)) return;
    known.add(data.id);
    deliver(channel, data);
  };
  const forwarded = (channel, data) => {
    if (waiting.has(channel)) return waiting.get(channel).push(data);
    places.get(channel).seq = data.seq;
    once(channel, data);
  };
  const answered = (channel, { epoch, seq, missed = [], resync: missing }) => {
    const held = waiting.get(channel) || [];
    const before = places.get(channel);
    // Faye's subscription and ours may both have asked from before a restart; the first reply has told it.
    if (missing && (waiting.has(channel) || before.epoch !== epoch)) resync(channel);
    waiting.delete(channel);
    places.set(channel, { epoch, seq });
    missed.forEach((data) => once(channel, data));
    held.forEach((data) => once(channel, data));
  };

  client.addExtension({
    outgoing(message, callback) {
      if (message.channel === SUBSCRIBE) {
        message.ext = { pushable: { ...message.ext?.pushable, ...places.get(message.subscription) } };
      }
      callback(message);
    },
    incoming(message, callback) {
      if (message.channel === SUBSCRIBE && message.successful) answered(message.subscription, message.ext.pushable);
      callback(message);
    },
  });
  client.on("transport:down", () => {
    channels.forEach((channel) => {
      if (!waiting.has(channel)) waiting.set(channel, []);
      client.subscribe(channel).then(null, () => {}); // after a restart it is refused, and Faye subscribes again
    });
  });
  return forwarded;
};
