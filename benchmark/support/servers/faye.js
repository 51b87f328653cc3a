// npm's Faye server with nothing around it, on any free port.
"use strict";

const { createServer } = require("http");
const faye = require("faye");

const server = createServer();
server.keepAliveTimeout = 60000;
new faye.NodeAdapter({ mount: "/faye", timeout: 25, ping: 15 }).attach(server);
server.listen(0, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
