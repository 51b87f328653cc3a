// The commands a newcomer types: what they say when they cannot, and that nothing of the demo outlives it.

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { Child, ROOT } from "../support/processes.mjs"

const DEADLINE_MS = 60_000

/** Runs a command to its end. */
function run(command, args = [], env = {}) {
  return spawnSync(command, args, {
    cwd: ROOT, env: { ...process.env, ...env }, encoding: "utf8", timeout: DEADLINE_MS
  })
}

function listen() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => resolve(server))
  })
}

async function freePort() {
  const server = await listen()
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true) || socket.destroy())
    socket.on("error", () => resolve(false))
  })
}

describe("bin/demo", () => {
  const folder = mkdtempSync(join(tmpdir(), "pushable-demo-"))
  after(() => rmSync(folder, { recursive: true }))

  const refusals = [
    [{ PORT: "many" }, [], /^bin\/demo: PORT=many is not a port\n$/],
    [{}, ["--smoky"], /^bin\/demo: invalid option: --smoky; see bin\/demo --help\n$/],
    [{}, ["--screenshot", "a.png"], /^bin\/demo: .*--screenshot without --smoke; see bin\/demo --help\n$/]
  ]
  for (const [env, args, line] of refusals) {
    test(`refuses ${JSON.stringify(env)} ${args.join(" ")}`, () => {
      const { status, stderr } = run("bin/demo", args, env)
      assert.equal(status, 1)
      assert.match(stderr, line)
    })
  }

  for (const variable of ["PORT", "FAYE_PORT"]) {
    test(`names the taken port of ${variable}`, async () => {
      const server = await listen()
      const { port } = server.address()
      const { status, stderr } = run("bin/demo", [], { PORT: String(await freePort()), [variable]: String(port) })
      server.close()
      assert.equal(status, 1)
      assert.equal(stderr, `bin/demo: port ${port} is taken; set ${variable} to a free one\n`)
    })
  }

  for (const signal of ["SIGINT", "SIGTERM"]) {
    test(`${signal} stops all that it started`, async () => {
      const ports = [await freePort(), await freePort()]
      const demo = Child.start("bin/demo", [], {
        env: {
          ...process.env,
          PORT: String(ports[0]),
          FAYE_PORT: String(ports[1]),
          DATABASE_URL: `sqlite3:${join(folder, `${signal}.sqlite3`)}`
        }
      })
      await demo.line(/^Open http:/, DEADLINE_MS)
      assert.deepEqual(await Promise.all(ports.map(answers)), [true, true])
      demo.process.kill(signal)
      await demo.exit
      assert.deepEqual(await Promise.all(ports.map(answers)), [false, false])
    })
  }
})

describe("the other commands", () => {
  test("bin/test names a part it does not know", () => {
    const { status, stderr } = run("bin/test", ["speed"])
    assert.equal(status, 1)
    assert.equal(stderr, "bin/test: unknown part speed; there are core ruby postgresql javascript system mariadb torture\n")
  })

  test("bin/bench names a benchmark it does not know", () => {
    const { status, stderr } = run("bin/bench", ["../bin/demo"])
    assert.equal(status, 1)
    assert.equal(stderr, "bin/bench: no benchmark ../bin/demo; bin/bench --list shows them\n")
  })

  for (const command of ["setup", "demo", "test", "bench", "console"]) {
    test(`bin/${command} --help`, () => {
      const { status, stdout } = run(`bin/${command}`, ["--help"])
      assert.equal(status, 0)
      assert.match(stdout, new RegExp(`^bin/${command}`))
    })
  }
})
