// Child processes of the browser tests: started, waited for, and ended by their own id.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** The repository's root. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url))

const DEADLINE_MS = 30_000
const LEAVE_MS = 5_000

export class Child {
  /** Starts a command in the repository's root, with pipes for its input and output. */
  static start(command, args, options = {}) {
    return new Child(spawn(command, args, { cwd: ROOT, stdio: ["pipe", "pipe", "pipe"], ...options }), command)
  }

  constructor(process, name) {
    this.process = process
    this.name = name
    this.output = ""
    this.waiting = new Set()
    this.exit = once(process, "exit")
    for (const stream of [process.stdout, process.stderr]) createInterface(stream).on("line", (line) => this.hear(line))
  }

  hear(line) {
    this.output += `${line}\n`
    for (const waiter of this.waiting) waiter(line)
  }

  /** Writes a line to the process. */
  tell(line) {
    this.process.stdin.write(`${line}\n`)
  }

  /** Waits for a line, on either stream, that comes from now on; answers the match. */
  line(pattern, deadline = DEADLINE_MS) {
    let waiter, timer
    const found = new Promise((resolve) => {
      waiter = (line) => { if (pattern.test(line)) resolve(pattern.exec(line)) }
      this.waiting.add(waiter)
    })
    const failed = (why) => { throw new Error(`${this.name} ${why} without a line like ${pattern}:\n${this.output}`) }
    const late = new Promise((resolve) => { timer = setTimeout(resolve, deadline) }).then(() => failed("stayed silent"))
    return Promise.race([found, late, this.exit.then(() => failed("ended"))]).finally(() => {
      clearTimeout(timer)
      this.waiting.delete(waiter)
    })
  }

  /** Asks the process to leave; after a while makes it. */
  async stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    this.process.kill("SIGTERM")
    const timer = setTimeout(() => this.process.kill("SIGKILL"), LEAVE_MS)
    await this.exit
    clearTimeout(timer)
  }
}

/** Starts `rake faye:start` on a free port (or the given one); answers the child with the server's `url`. */
export async function startFaye({ port = 0 } = {}) {
  const child = Child.start("bundle", ["exec", "rake", "faye:start", `port=${port}`])
  const [, url] = await child.line(/is listening on (https?:\/\/\S+\/faye)\b/)
  return Object.assign(child, { url })
}
