// What each message does to models and collections, and which events it fires.
import test from "node:test"
import assert from "node:assert/strict"
import { open, families, settled, uncaught } from "./support.mjs"

const CHANNEL = "/sync/family_1_members"

/** A page with family 1 on it, live, holding Ann (7). */
async function live({ members = [{ id: 7, name: "Ann", age: 30 }], properties = {}, model = {} } = {}) {
  const page = open()
  const { Family, Member } = families(page)
  const family = new (Family.extend({ model: Member.extend(model), ...properties }))(members, { id: 1 })
  await settled()
  const events = []
  family.on("all", (event, ...details) => events.push({ event, details }))
  return {
    ...page, Member, family, events,
    ann: family.at(0),
    names: () => events.map(({ event }) => event),
    push: (event, object, rest = {}) => page.faye.push(CHANNEL, { event, object, ...rest })
  }
}

test("create: the record comes in; add, update, push:create say so", async () => {
  const { family, push, names, events } = await live()
  push("create", { id: 8, name: "Bob" })
  assert.deepEqual(family.pluck("name"), ["Ann", "Bob"])
  assert.deepEqual(names(), ["add", "update", "push:create"])
  const options = events[0].details.at(-1)
  assert.equal(options.pushed, true)
  assert.equal(options.push.object.name, "Bob")
})

test("update: the held record changes; change:name, change, update, push:update say so", async () => {
  const { ann, push, names, events } = await live()
  push("update", { id: 7, name: "Anna", age: 30 })
  assert.equal(ann.get("name"), "Anna")
  assert.deepEqual(names(), ["change:name", "change", "update", "push:update"])
  for (const { details } of events) assert.equal(details.at(-1).push.event, "update")
})

test("update that brings nothing new: no change", async () => {
  const { push, names } = await live()
  push("update", { id: 7, name: "Ann", age: 30 })
  assert.deepEqual(names(), ["update", "push:update"])
})

test("only the changed columns are news to one who holds the record", async () => {
  const { ann, push } = await live()
  push("update", { id: 7, name: "an old name", age: 31 }, { changed: ["age"] })
  assert.deepEqual(ann.attributes, { id: 7, name: "Ann", age: 31 })
})

test("one who does not hold it takes the whole object", async () => {
  const { family, push, names } = await live()
  push("update", { id: 8, name: "Bob", age: 4 }, { changed: ["age"] })
  assert.deepEqual(family.get(8).attributes, { id: 8, name: "Bob", age: 4 })
  assert.deepEqual(names(), ["add", "update", "push:create"])
})

test("a local edit of another attribute survives", async () => {
  const { ann, push } = await live()
  ann.set("name", "draft")
  push("update", { id: 7, name: "Ann", age: 31 }, { changed: ["age", "updated_at"] })
  assert.equal(ann.get("name"), "draft")
})

test("destroy: fires what Backbone's destroy does, every collection lets go, no DELETE is sent", async () => {
  const { Backbone, family, ann, push, names, requests, events } = await live()
  const favourites = new Backbone.Collection([ann])
  push("destroy", { id: 7 })
  assert.equal(family.length + favourites.length, 0)
  assert.deepEqual(names(), ["push:destroy", "remove", "update", "destroy"])
  const [model, collection, options] = events.at(-1).details
  assert.equal(model, ann)
  assert.equal(collection, family)
  assert.equal(options.pushed, true)
  assert.deepEqual(requests, [])
})

test("destroy of a record that is not held: nothing", async () => {
  const { push, names } = await live()
  push("destroy", { id: 99 })
  assert.deepEqual(names(), [])
})

test("a comparator by name sorts when its attribute changed, and only then", async () => {
  const { family, push, names } = await live({
    members: [{ id: 1, name: "a", age: 1 }, { id: 2, name: "b", age: 1 }], properties: { comparator: "name" }
  })
  push("update", { id: 1, name: "a", age: 2 })
  assert.ok(!names().includes("sort"))
  push("update", { id: 1, name: "c", age: 2 })
  assert.deepEqual(family.pluck("id"), [2, 1])
  assert.ok(names().includes("sort"))
})

test("a model alone listens on its own channel: update, destroy, and not to other ids", async () => {
  const { Member, faye } = await live()
  const member = new Member({ id: 3, name: "Cid" })
  await settled()
  let destroyed = 0
  member.on("destroy", () => destroyed++)
  faye.push("/sync/member_3", { event: "update", object: { id: 4, name: "other" } })
  assert.equal(member.get("name"), "Cid")
  faye.push("/sync/member_3", { event: "update", object: { id: 3, name: "Sid" } })
  assert.equal(member.get("name"), "Sid")
  faye.push("/sync/member_3", { event: "destroy", object: { id: 3 } })
  assert.equal(destroyed, 1)
})

test("an update on an instance's channel sorts the collections that hold it", async () => {
  const { family, faye } = await live({
    members: [{ id: 1, name: "a" }, { id: 2, name: "b" }], properties: { comparator: "name", pushInstances: true }
  })
  faye.push("/sync/member_1", { event: "update", object: { id: 1, name: "c" } })
  assert.deepEqual(family.pluck("id"), [2, 1])
})

test("idAttribute of one's own", async () => {
  const { family, push } = await live({ members: [], model: { idAttribute: "_id" } })
  push("create", { _id: "x", name: "Ann" })
  push("update", { _id: "x", name: "Anna" })
  assert.deepEqual(family.pluck("name"), ["Anna"])
  push("destroy", { _id: "x" })
  assert.equal(family.length, 0)
})

test("the model's parse reads the object, wrapped or not; the collection's never does", async () => {
  const { family, push } = await live({
    members: [],
    model: { parse: (response) => response.item },
    properties: { parse() { throw new Error("the collection's parse"); } }
  })
  push("create", { item: { id: 1, name: "wrapped", age: 1 } })
  push("create", { id: 2, name: "bare" })
  push("update", { item: { id: 1, name: "old", age: 2 } }, { changed: ["age"] })
  assert.deepEqual(family.toJSON(), [{ id: 1, name: "wrapped", age: 2 }, { id: 2, name: "bare" }])
})

test("parse may make what is no column: it is taken with every update", async () => {
  const parse = (response) => ({ ...response, label: `${response.name} (${response.age})` })
  const { ann, push } = await live({ model: { parse } })
  push("update", { id: 7, name: "Ann", age: 31 }, { changed: ["age"] })
  assert.equal(ann.get("label"), "Ann (31)")
})

test("plain Backbone models in a pushable collection are kept true as well", async () => {
  const { Backbone } = open()
  const { family, push } = await live({ properties: { model: Backbone.Model } })
  push("update", { id: 7, name: "Anna" })
  assert.equal(family.get(7).get("name"), "Anna")
  push("destroy", { id: 7 })
  assert.equal(family.length, 0)
})

test("only the contract's events are obeyed, and only with an object", async () => {
  const { family, faye, names } = await live()
  const messages = [
    null, "reset", 5, {}, { event: "reset", object: [] }, { event: "remove", object: { id: 7 } }, { event: "update" },
    { event: "destroy", object: 7 }, { event: "constructor", object: {} },
    { event: "create", object: { name: "no id" } }
  ]
  for (const message of messages) faye.push(CHANNEL, message)
  assert.deepEqual(names(), [])
  assert.equal(family.length, 1)
})

test("receive sees each message first and may drop it", async () => {
  const { family, push } = await live({ properties: { receive: (message) => message.object.age >= 18 } })
  push("create", { id: 8, age: 17 })
  push("create", { id: 9, age: 18 })
  assert.deepEqual(family.pluck("id"), [7, 9])
})

test("partial: the record is fetched, whether it is held or not", async () => {
  const { family, push, requests, names, faye } = await live()
  push("update", { id: 7 }, { partial: true })
  push("create", { id: 8 }, { partial: true })
  assert.deepEqual(requests.map(({ type, url }) => [type, url]), [["GET", "/members/7"], ["GET", "/members/8"]])
  assert.equal(family.length, 1, "not before the server has answered")
  requests[0].success({ id: 7, name: "Anna", age: 30 })
  await settled()
  requests[1].success({ id: 8, name: "Bob" })
  await settled()
  assert.deepEqual(family.pluck("name"), ["Anna", "Bob"])
  assert.ok(names().includes("push:create"))
  assert.equal(faye.subscriptions.length, 1, "the one that was on its way opened no channel")
})

test("resync fetches the collection; where there is no url, push:gap says that something is missing", async () => {
  const { requests, faye } = await live()
  faye.push(CHANNEL, { event: "resync" })
  assert.deepEqual(requests.map(({ type, url }) => [type, url]), [["GET", "/members"]])
  const bare = await live({ properties: { url: undefined } })
  bare.faye.push(CHANNEL, { event: "resync" })
  assert.deepEqual(bare.names(), ["push:gap"])
  assert.deepEqual(bare.requests, [])
})

test("Backbone's own create, destroy, save and fetch still send their requests", async () => {
  const { family, ann, requests } = await live()
  family.create({ name: "Bob" })
  ann.save({ name: "Anna" })
  family.fetch()
  ann.destroy()
  assert.deepEqual(requests.map(({ type, url }) => `${type} ${url}`),
    ["POST /members", "PUT /members/7", "GET /members", "DELETE /members/7"])
})

test("a handler that throws costs no message, no later change and no step after it", async () => {
  const { family, ann, push } = await live({ properties: { comparator: "name" } })
  const changes = []
  family.on("add change:name", () => { throw new Error("a view's mistake"); })
  const errors = await uncaught(() => {
    push("create", { id: 8, name: "Bob" })
    push("update", { id: 7, name: "Cara", age: 30 })
    family.off("add change:name")
    ann.on("change", (model) => changes.push(model.get("name")))
    push("update", { id: 7, name: "Dora", age: 30 })
  })
  assert.deepEqual(errors, ["a view's mistake", "a view's mistake"])
  assert.deepEqual(family.pluck("name"), ["Bob", "Dora"])
  assert.deepEqual(changes, ["Dora"])
})

test("a view that throws on destroy keeps no collection from letting go", async () => {
  const { family, ann, push } = await live()
  ann.on("destroy", () => { throw new Error("a view's mistake"); })
  const errors = await uncaught(() => push("destroy", { id: 7 }))
  assert.deepEqual(errors, ["a view's mistake"])
  assert.equal(family.length, 0)
})

test("one listener's mistake is not the next one's", async () => {
  const { faye, Member } = await live()
  const broken = new (Member.extend({ receive() { throw new Error("receive's mistake"); } }))({ id: 3 })
  const fine = new Member({ id: 3 })
  await settled()
  const errors = await uncaught(() => faye.push("/sync/member_3", { event: "update", object: { id: 3, name: "Cid" } }))
  assert.deepEqual(errors, ["receive's mistake"])
  assert.equal(broken.get("name"), undefined)
  assert.equal(fine.get("name"), "Cid")
})

test("an undefined model is named as the cause, when the collection is made", () => {
  const { Backbone } = open()
  class Family extends Backbone.PushableCollection {}
  Family.prototype.model = undefined
  assert.throws(() => new Family([], { id: 1 }), /`model` of Family is undefined: define the class of the model before/)
  assert.doesNotThrow(() => new Family([], { id: 1, model: Backbone.Model }))
})
