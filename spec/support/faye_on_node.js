// npm's Faye server on any free port. What it takes is appended to the file that PUSHABLE_TEST_ARRIVALS names, as
// ArrivalLog reads it, before it is acknowledged.
"use strict";

const { appendFileSync } = require("fs");
const { createServer } = require("http");
const faye = require("faye");

const log = process.env.PUSHABLE_TEST_ARRIVALS;
const server = createServer();
const adapter = new faye.NodeAdapter({ mount: "/faye", timeout: 25 });

adapter.addExtension({
  incoming(message, callback) {
    if (message.channel.startsWith("/sync/")) appendFileSync(log, JSON.stringify(message) + "\n");
    callback(message);
  },
});
adapter.attach(server);
appendFileSync(log, "+\n");
server.listen(0, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
