// A Faye client as a browser has it, in a process of its own. It prints one JSON object a line:
// {"transport": name}, {"subscribed": channel}, {"refused": text}, {"channel": …, "data": …}, {"down": true},
// {"lapsed": channel, "error": text} when a subscription is taken from it, and with `replay`, which is what replaying.js
// takes, {"resync": channel}. With `secret` it shows tokens, for `lifetimes` in seconds by channel.
// Usage: node faye_subscriber.js URL (websocket|long-polling) OPTIONS CHANNEL…   It ends when its standard input does.
"use strict";

const { createHmac } = require("node:crypto");
const faye = require("faye");
const replaying = require("./replaying");

const [url, transport, options, ...channels] = process.argv.slice(2);
const { replay, agent, secret, lifetimes = {}, ...settings } = JSON.parse(options);
const client = new faye.Client(url, settings);
if (agent) client.setHeader("User-Agent", agent);
const print = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const deliver = (channel, data) => print({ channel, data });
const resync = (channel) => print({ resync: channel });
let connectedBy = null;

function token(channel) {
  const expiry = Math.floor(Date.now() / 1000) + lifetimes[channel];
  const text = `pushable subscribe\n${channel}\n${expiry}`;
  return `v1.${expiry}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

if (transport === "long-polling") client.disable("websocket");
client.addExtension({
  outgoing(message, callback) {
    if (message.channel === "/meta/connect" && message.connectionType !== connectedBy) {
      connectedBy = message.connectionType;
      print({ transport: connectedBy });
    }
    if (message.channel === "/meta/subscribe" && lifetimes[message.subscription]) {
      message.ext = { pushable: { ...message.ext?.pushable, token: token(message.subscription) } };
    }
    callback(message);
  },
  incoming(message, callback) {
    if (message.channel === "/meta/subscribe" && !message.id) {
      print({ lapsed: message.subscription, error: message.error });
    }
    callback(message);
  },
});
client.on("transport:down", () => print({ down: true }));
const forwarded = replay ? replaying(client, channels, { ...replay, deliver, resync }) : deliver;
channels.forEach((channel) => {
  client
    .subscribe(channel)
    .withChannel(forwarded)
    .then(
      () => print({ subscribed: channel }),
      (error) => print({ refused: error.message })
    );
});

process.stdin.on("end", () => process.exit(0)).resume();
