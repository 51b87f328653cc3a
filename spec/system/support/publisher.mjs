// Publishes from a Ruby process, through the gem.

import { join } from "node:path"
import { Child, ROOT } from "./processes.mjs"

const SCRIPT = join(ROOT, "spec/system/support/publish.rb")

export class Publisher {
  static async start(fayeUrl) {
    const env = { ...process.env, PUSHABLE_SERVER: fayeUrl, PUSHABLE_DELIVERY_METHOD: "async" }
    const child = Child.start("bundle", ["exec", "ruby", SCRIPT], { env })
    await child.line(/^ready$/)
    return new Publisher(child)
  }

  constructor(child) {
    this.child = child
  }

  /** Publishes and waits until the Faye server has acknowledged. */
  async publish(channel, object, event) {
    const answer = this.child.line(/^(published|not published.*)$/)
    this.child.tell(JSON.stringify([channel, object, event]))
    const [text] = await answer
    if (text !== "published") throw new Error(text)
  }

  stop() {
    return this.child.stop()
  }
}
