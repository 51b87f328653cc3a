// What is committed is what the source makes, and every browser that Backbone runs in can read it.
import test from "node:test"
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import vm from "node:vm"
import { parse } from "acorn"
import { build, TARGET } from "../../js/build.mjs"

const committed = readFileSync(TARGET, "utf8")
const require = createRequire(import.meta.url)

test("the committed build equals its source (else: npm run build)", () => {
  assert.equal(committed, build())
})

test("it is ES5", () => {
  parse(committed, { ecmaVersion: 5 })
})

test("it carries the package's version, which is the gem's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url)))
  const gem = /VERSION = "(.+?)"/.exec(readFileSync(new URL("../../lib/pushable/version.rb", import.meta.url)))[1]
  assert.equal(require(TARGET).version, version)
  assert.equal(version, gem)
})

function load(globals) {
  const context = vm.createContext(globals)
  vm.runInContext(committed, context)
  return context
}

const browser = () => ({ Backbone: freshBackbone(), setTimeout, clearTimeout, console })

function freshBackbone() {
  delete require.cache[require.resolve("backbone")]
  return require("backbone")
}

test("as a script it takes the global Backbone", () => {
  const { Backbone } = load(browser())
  assert.equal(typeof Backbone.PushableModel, "function")
  assert.equal(typeof Backbone.PushableCollection, "function")
})

test("as an AMD module it asks for backbone", () => {
  const Backbone = freshBackbone()
  const modules = []
  const define = Object.assign((names, factory) => modules.push({ names, factory }), { amd: true })
  load({ define, setTimeout, clearTimeout, console })
  assert.deepEqual([...modules[0].names], ["backbone"])
  assert.equal(modules[0].factory(Backbone), Backbone.Pushable)
})

test("loaded twice, the first one's classes stay", () => {
  const context = load(browser())
  const { PushableModel } = context.Backbone
  vm.runInContext(committed, context)
  assert.equal(context.Backbone.PushableModel, PushableModel)
})

test("without Backbone it says so", () => {
  assert.throws(() => load({ setTimeout, clearTimeout }), /load backbone\.js before pushable\.js/)
})
