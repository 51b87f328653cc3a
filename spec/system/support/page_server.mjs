// A web server for one-page applications: Backbone and its friends, Faye's client from the Faye server, the library as
// it is committed, and the application's own script.

import { createServer } from "node:http"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { ROOT } from "./processes.mjs"

const require = createRequire(import.meta.url)

const LIBRARIES = {
  "/jquery.js": require.resolve("jquery"),
  "/underscore.js": join(require.resolve("underscore"), "../underscore-umd.js"),
  "/backbone.js": require.resolve("backbone"),
  "/pushable.js": join(ROOT, "app/assets/javascripts/pushable.js")
}

const html = (fayeUrl) => `<!doctype html>
<meta charset="utf-8"><title>Test page</title><link rel="icon" href="data:,">
<ul id="list"></ul>
${[...Object.keys(LIBRARIES).slice(0, 3), `${fayeUrl}/client.js`, "/pushable.js", "/app.js"]
    .map((source) => `<script src="${source}"></script>`).join("\n")}`

export class PageServer {
  /** @param {string} fayeUrl where the page finds Faye's client */
  static async start(fayeUrl) {
    const server = new PageServer(fayeUrl)
    await new Promise((resolve) => server.http.listen(0, "127.0.0.1", resolve))
    return server
  }

  constructor(fayeUrl) {
    this.script = ""
    this.http = createServer(({ url }, response) => {
      const type = url === "/" ? "text/html" : "text/javascript"
      const body = this.bodyOf(url, fayeUrl)
      response.writeHead(body === undefined ? 404 : 200, { "Content-Type": `${type}; charset=utf-8` })
      response.end(body)
    })
  }

  bodyOf(url, fayeUrl) {
    if (url === "/") return html(fayeUrl)
    if (url === "/app.js") return this.script
    return LIBRARIES[url] && readFileSync(LIBRARIES[url])
  }

  get url() {
    return `http://127.0.0.1:${this.http.address().port}/`
  }

  stop() {
    this.http.closeAllConnections()
    return new Promise((resolve) => this.http.close(resolve))
  }
}
