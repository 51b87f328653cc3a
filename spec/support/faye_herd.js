// Many Faye clients in one process, all subscribed to one channel. It prints one JSON object a line:
// {"subscribed": client, "at": milliseconds} each time the server has acknowledged one's subscription,
// {"heard": client, "data": …}, {"down": client}.
// Usage: node faye_herd.js URL (websocket|long-polling) CHANNEL COUNT   It ends when its standard input does.
"use strict";

const http = require("http");
const faye = require("faye");

const [url, transport, channel, count] = process.argv.slice(2);
const print = (line) => process.stdout.write(JSON.stringify(line) + "\n");

http.globalAgent.maxSockets = Infinity;

for (let number = 0; number < Number(count); number += 1) {
  const client = new faye.Client(url);
  if (transport === "long-polling") client.disable("websocket");
  client.addExtension({
    incoming(message, callback) {
      if (message.channel === "/meta/subscribe" && message.successful) print({ subscribed: number, at: Date.now() });
      callback(message);
    },
  });
  client.on("transport:down", () => print({ down: number, at: Date.now() }));
  client.subscribe(channel, (data) => print({ heard: number, data }));
}

process.stdin.on("end", () => process.exit(0)).resume();
