// A push that overtakes the reply of its request waits for it: no record twice, and nothing put back.
import test from "node:test"
import assert from "node:assert/strict"
import { open, families, settled } from "./support.mjs"

const CHANNEL = "/sync/family_1_members"

async function live(members = []) {
  const page = open()
  const { Family, Member } = families(page)
  const family = new Family(members, { id: 1 })
  await settled()
  return {
    ...page, Member, family,
    push: (event, object, rest = {}) => page.faye.push(CHANNEL, { event, object, ...rest })
  }
}

test("create: the push before the reply makes no second record", async () => {
  const { family, push, requests } = await live()
  const lengths = []
  family.on("all", () => lengths.push(family.length))
  const mine = family.create({ name: "Ann" })
  push("create", { id: 7, name: "Ann" })
  assert.equal(family.length, 1)
  requests[0].success({ id: 7, name: "Ann" })
  assert.equal(family.length, 1)
  assert.equal(family.get(7), mine)
  assert.equal(Math.max(...lengths), 1)
})

test("create with wait: the object that create() gave is the one in the collection", async () => {
  const { family, push, requests } = await live()
  const mine = family.create({ name: "Ann" }, { wait: true })
  push("create", { id: 7, name: "Ann" })
  assert.equal(family.length, 0)
  requests[0].success({ id: 7, name: "Ann" })
  assert.deepEqual(family.models, [mine])
})

test("create: another one's record, which came meanwhile, is there after the reply", async () => {
  const { family, push, requests } = await live()
  family.create({ name: "Ann" })
  push("create", { id: 8, name: "Bob" })
  requests[0].success({ id: 7, name: "Ann" })
  assert.deepEqual(family.pluck("id"), [7, 8])
})

test("create that fails: what waited is applied", async () => {
  const { family, push, requests } = await live()
  family.create({ name: "Ann" }, { wait: true })
  push("create", { id: 8, name: "Bob" })
  requests[0].error({}, "error", "500")
  assert.deepEqual(family.pluck("id"), [8])
})

test("create: records that the collection knows are not kept waiting", async () => {
  const { family, push } = await live([{ id: 1, name: "Zoe" }])
  family.create({ name: "Ann" })
  push("update", { id: 1, name: "Zoey" })
  assert.equal(family.get(1).get("name"), "Zoey")
})

test("save: what comes meanwhile is applied after the reply, in order", async () => {
  const { family, push, requests } = await live([{ id: 7, name: "Ann" }])
  const ann = family.get(7)
  ann.save({ name: "Anna" })
  push("update", { id: 7, name: "Anna" })
  push("update", { id: 7, name: "Annabel" })
  assert.equal(ann.get("name"), "Anna")
  requests[0].success({ id: 7, name: "Anna" })
  assert.equal(ann.get("name"), "Annabel")
})

test("save: the messages of other records do not wait", async () => {
  const { family, push } = await live([{ id: 7, name: "Ann" }, { id: 8, name: "Bob" }])
  family.get(7).save({ name: "Anna" })
  push("update", { id: 8, name: "Rob" })
  assert.equal(family.get(8).get("name"), "Rob")
})

test("destroy: an update that comes while the DELETE is on its way does not bring the record back", async () => {
  const { family, push, requests } = await live([{ id: 7, name: "Ann" }])
  let added = 0
  family.on("add", () => added++)
  family.get(7).destroy()
  push("update", { id: 7, name: "Anna" })
  requests[0].success()
  assert.equal(family.length, 0)
  assert.equal(added, 0)
})

test("destroy that fails: what came meanwhile shows that the record is still there", async () => {
  const { family, push, requests } = await live([{ id: 7, name: "Ann" }])
  family.get(7).destroy()
  push("update", { id: 7, name: "Anna" })
  requests[0].error({}, "error", "403")
  assert.deepEqual(family.pluck("name"), ["Anna"])
})

test("a request that ends inside a handler: nothing is lost, and one record's messages stay in order", async () => {
  const { family, push, requests } = await live([{ id: 7, name: "Ann" }, { id: 8, name: "Bob" }])
  const [ann, bob] = family.models
  const names = []
  ann.save({ age: 1 })
  bob.save({ age: 1 })
  bob.on("change:name", (model, name) => names.push(name))
  ann.on("change:name", () => requests[1].error({}, "abort", ""))
  push("update", { id: 8, name: "Bobby" })
  push("update", { id: 7, name: "Anna" })
  push("update", { id: 8, name: "Robert" })
  requests[0].success({ id: 7 })
  assert.deepEqual(names, ["Bobby", "Robert"])
})

test("fetch: everything waits for the reply", async () => {
  const { family, push, requests } = await live([{ id: 7, name: "Ann" }])
  family.fetch()
  push("update", { id: 7, name: "Anna" })
  push("create", { id: 8, name: "Bob" })
  requests[0].success([{ id: 7, name: "Ann" }])
  assert.deepEqual(family.pluck("name"), ["Anna", "Bob"])
})

test("a model alone waits for its own request", async () => {
  const { Member, faye, requests } = await live()
  const member = new (Member.extend({ urlRoot: "/members" }))({ id: 7, name: "Ann" })
  await settled()
  member.save({ name: "Anna" })
  faye.push("/sync/member_7", { event: "update", object: { id: 7, name: "Annabel" } })
  assert.equal(member.get("name"), "Anna")
  requests[0].success({ id: 7, name: "Anna" })
  assert.equal(member.get("name"), "Annabel")
})

test("a success handler that throws does not keep the messages", async () => {
  const { family, push, requests } = await live([{ id: 7, name: "Ann" }])
  family.get(7).save({ age: 3 }, { success() { throw new Error("the app's mistake"); } })
  push("update", { id: 7, name: "Anna" })
  assert.throws(() => requests[0].success({ id: 7 }), /the app's mistake/)
  assert.equal(family.get(7).get("name"), "Anna")
})

test("a request that cannot be sent keeps nothing waiting", async () => {
  const { Backbone, family, push } = await live([{ id: 7, name: "Ann" }])
  Backbone.ajax = () => { throw new Error("no jQuery"); }
  assert.throws(() => family.get(7).save({ age: 3 }), /no jQuery/)
  push("update", { id: 7, name: "Anna" })
  assert.equal(family.get(7).get("name"), "Anna")
})

test("a request that never ends holds for ten seconds, no longer", async (context) => {
  const { family, push } = await live()
  context.mock.timers.enable({ apis: ["setTimeout"] })
  family.create({ name: "Ann" })
  push("create", { id: 8, name: "Bob" })
  context.mock.timers.tick(9999)
  assert.equal(family.length, 1)
  context.mock.timers.tick(1)
  assert.equal(family.length, 2)
})

test("one id, one model: the one that takes an id which another has stays, the other goes", async () => {
  const { family, push, Member } = await live()
  const mine = family.add(new Member({ name: "Ann" }))
  push("create", { id: 7, name: "Ann" })
  assert.equal(family.length, 2)
  mine.set({ id: 7 })
  assert.deepEqual(family.models, [mine])
  assert.equal(family.get(7), mine)
  push("update", { id: 7, name: "Anna" })
  assert.equal(mine.get("name"), "Anna")
})

test("a collection that moves to another channel forgets what waited on the old one", async () => {
  const { family, push, requests } = await live()
  family.fetch()
  push("create", { id: 8, name: "Bob" })
  family.id = 2
  family.subscribe()
  await settled()
  requests[0].success([])
  assert.equal(family.length, 0)
})
