// Every class style that Backbone users write, in Chromium, against a real Faye server: it listens to the right
// channels and shows what is created, updated and destroyed.

import test, { after, before } from "node:test"
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { launchBrowser } from "./support/browser.mjs"
import { PageServer } from "./support/page_server.mjs"
import { startFaye } from "./support/processes.mjs"
import { Publisher } from "./support/publisher.mjs"

const require = createRequire(import.meta.url)
const DEADLINE_MS = 20_000

const source = (name) => readFileSync(new URL(`clients/${name}`, import.meta.url), "utf8")
const coffee = (compiler, name) => require(compiler).compile(source(name), { bare: true })

const STYLES = {
  "the README's CoffeeScript, compiled by coffee-script 1.12.7": () => coffee("coffee-script", "readme.coffee"),
  "the README's CoffeeScript, compiled by coffeescript 2.7.0": () => coffee("coffeescript", "readme.coffee"),
  "JavaScript with extend": () => source("extend.js"),
  "an ES6 class, with a field and an id set after super()": () => source("class.js")
}

// Puts the collection's names on the page, as a view would.
const SHOW = `
  function show(collection) {
    const names = () => { $("#list").html(collection.map((model) => $("<li>").text(model.get("name")))) }
    collection.on("add remove change reset", names)
    names()
  }
  const subscribed = []
  Backbone.Pushable.on("subscribed", (channel) => subscribed.push(channel))
`

let faye, pages, browser, publisher

before(async () => {
  [faye, browser] = await Promise.all([startFaye(), launchBrowser()])
  pages = await PageServer.start(faye.url)
  publisher = await Publisher.start(faye.url)
})

after(() => Promise.all([publisher?.stop(), pages?.stop(), browser?.close()]).then(() => faye?.stop()))

/** Opens a page of its own with the classes and then the script; gives the page to `visit`. */
async function open(classes, script, visit) {
  pages.script = `${classes}\n${SHOW}\n${script}`
  const page = await browser.newPage()
  const errors = []
  page.on("pageerror", (error) => errors.push(error.message))
  try {
    await page.goto(pages.url)
    await visit(page, errors)
  } finally {
    await page.close()
  }
}

const until = (page, condition, argument) => page.waitForFunction(condition, argument, { timeout: DEADLINE_MS })

/** Waits until the page listens to exactly these channels. */
async function listening(page, channels) {
  await until(page, (count) => subscribed.length >= count, channels.length)
  assert.deepEqual(await page.evaluate(() => subscribed.sort()), channels)
}

/** Waits until the page shows exactly these names. */
const showing = (page, names) => until(page, (wanted) =>
  [...document.querySelectorAll("li")].map((item) => item.textContent).join() === wanted, names.join())

async function showsCreateUpdateDestroy(page, channel) {
  await publisher.publish(channel, { id: 7, name: "Ann" }, "create")
  await showing(page, ["Ann"])
  await publisher.publish(channel, { id: 7, name: "Anna" }, "update")
  await showing(page, ["Anna"])
  await publisher.publish(channel, { id: 7 }, "destroy")
  await showing(page, [])
}

for (const [style, classes] of Object.entries(STYLES)) {
  test(`${style}: a collection`, () =>
    open(classes(), "show(window.family = new Family([], { id: 1 }))", async (page, errors) => {
      await listening(page, ["/sync/family_1_members"])
      await showsCreateUpdateDestroy(page, "family_1_members")
      assert.deepEqual(errors, [])
    }))

  test(`${style}: a model on its own`, () =>
    open(classes(), `
      const member = new Member({ id: 3, name: "Cid" })
      show(new Backbone.Collection([member]))
    `, async (page, errors) => {
      await listening(page, ["/sync/member_3"])
      await publisher.publish("member_3", { id: 3, name: "Sid" }, "update")
      await showing(page, ["Sid"])
      await publisher.publish("member_3", { id: 3 }, "destroy")
      await showing(page, [])
      assert.deepEqual(errors, [])
    }))
}

for (const compiler of ["coffee-script", "coffeescript"]) {
  test(`${compiler}: the order of the 2013 README gets an error that names the cause`, () =>
    open(coffee(compiler, "readme_of_2013.coffee"), "new Family(null, { id: 1 })", async (_page, errors) => {
      assert.equal(errors.length, 1)
      assert.match(errors[0], /^`model` of Family is undefined: define the class of the model before/)
    }))

  test(`${compiler}: the initialize of the 2013 README works`, () =>
    open(coffee(compiler, "initialize_of_2013.coffee"), "show(new Family(null, { id: 4 }))", async (page, errors) => {
      await listening(page, ["/sync/family_4_members"])
      await showsCreateUpdateDestroy(page, "family_4_members")
      assert.deepEqual(errors, [])
    }))
}

test("the state goes up with the connection", () =>
  open("", "window.member = new (Backbone.PushableModel.extend({ channel: 'm' }))({ id: 1 })", async (page) => {
    await until(page, () => Backbone.Pushable.state === "up")
  }))

test("the meta tag says where Faye is, wherever its client came from", () =>
  open("", `
    document.querySelector('script[src$="/client.js"]').remove()
    $("<meta>", { name: "pushable-url", content: ${JSON.stringify(faye.url)} }).appendTo("head")
    window.member = new (Backbone.PushableModel.extend({ channel: "m" }))({ id: 1 })
  `, async (page) => {
    await until(page, () => Backbone.Pushable.state === "up")
  }))

test("a name that Faye's grammar does not allow arrives by the shared escape rule", () =>
  open("", `
    const Cities = Backbone.PushableCollection.extend({ channel: "cities/São Paulo: 50% $" })
    show(new Cities())
  `, async (page) => {
    await until(page, () => subscribed.length === 1)
    await publisher.publish("cities/São Paulo: 50% $", { id: 1, name: "Ana" }, "create")
    await showing(page, ["Ana"])
  }))
