// A Faye client as a browser has it, in a process of its own. It prints one JSON object a line:
// {"transport": name}, {"subscribed": channel}, {"refused": text}, {"channel": …, "data": …}, {"down": true}, and
// {"lapsed": channel, "error": text} when a subscription is taken from it.
// Usage: node faye_subscriber.js URL (websocket|long-polling) CHANNEL…   It ends when its standard input does. The
// environment's SECRET, and LIFETIMES in seconds (JSON, by channel), make the tokens that it shows.
"use strict";

const { createHmac } = require("node:crypto");
const faye = require("faye");

const [url, transport, ...channels] = process.argv.slice(2);
const client = new faye.Client(url);
const print = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const lifetimes = JSON.parse(process.env.LIFETIMES || "{}");
let connectedBy = null;

function token(channel) {
  const expiry = Math.floor(Date.now() / 1000) + lifetimes[channel];
  const text = `pushable subscribe\n${channel}\n${expiry}`;
  return `v1.${expiry}.${createHmac("sha256", process.env.SECRET).update(text).digest("base64url")}`;
}

if (transport === "long-polling") client.disable("websocket");
client.addExtension({
  outgoing(message, callback) {
    if (message.channel === "/meta/connect" && message.connectionType !== connectedBy) {
      connectedBy = message.connectionType;
      print({ transport: connectedBy });
    }
    if (message.channel === "/meta/subscribe" && lifetimes[message.subscription]) {
      message.ext = { pushable: { token: token(message.subscription) } };
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
channels.forEach((channel) => {
  client
    .subscribe(channel)
    .withChannel((on, data) => print({ channel: on, data }))
    .then(
      () => print({ subscribed: channel }),
      (error) => print({ refused: error.message })
    );
});

process.stdin.on("end", () => process.exit(0)).resume();
