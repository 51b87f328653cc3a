// The channel of everyone: one message there, and each object of every page asks the server again.
import test, { beforeEach, afterEach, mock } from "node:test"
import assert from "node:assert/strict"
import { open, families, settled, EVERYONE } from "./support.mjs"

const RESYNC = { event: "resync" }
const random = Math.random

beforeEach(() => { Math.random = () => 0.5; })
afterEach(() => {
  Math.random = random
  mock.timers.reset()
})

/** A page with family 1, that holds Ann (7), and member 3 alone. */
async function page() {
  const opened = open()
  const { Family, Member } = families(opened)
  const family = new Family([{ id: 7, name: "Ann" }], { id: 1 })
  const member = new (Member.extend({ urlRoot: "/people" }))({ id: 3 })
  await settled()
  mock.timers.enable({ apis: ["setTimeout"] })
  return { ...opened, family, member, Member, urls: () => opened.requests.map(({ type, url }) => `${type} ${url}`) }
}

const live = (faye) => faye.everyone.filter((each) => !each.cancelled).length

test("resync: each object that listens fetches, once, and not at the moment when all pages are told", async () => {
  const { faye, urls } = await page()
  faye.push(EVERYONE, RESYNC)
  mock.timers.tick(2499)
  assert.deepEqual(urls(), [])
  mock.timers.tick(1)
  assert.deepEqual(urls(), ["GET /members", "GET /people/3"])
})

test("several in a row are one; a later one is another", async () => {
  const { faye, requests } = await page()
  faye.push(EVERYONE, RESYNC)
  faye.push(EVERYONE, RESYNC)
  mock.timers.tick(5000)
  assert.equal(requests.length, 2)
  requests.splice(0).forEach((request) => request.success({}))
  assert.equal(requests.length, 0, "nothing has waited for the answers")
  faye.push(EVERYONE, RESYNC)
  mock.timers.tick(5000)
  assert.equal(requests.length, 2)
})

test("an object that has gone meanwhile does not fetch, one that has come does", async () => {
  const { faye, family, Member, urls } = await page()
  faye.push(EVERYONE, RESYNC)
  family.unsubscribe()
  new (Member.extend({ urlRoot: "/people" }))({ id: 4 })
  await settled()
  mock.timers.tick(5000)
  assert.deepEqual(urls().sort(), ["GET /people/3", "GET /people/4"])
})

test("nothing else is obeyed there", async () => {
  const { faye, family, member, urls } = await page()
  const messages = [null, 5, "resync", {}, { event: "reset" }, { event: "create", object: { id: 8 } },
    { event: "update", object: { id: 3, name: "x" } }, { event: "destroy", object: { id: 7 } }]
  for (const message of messages) faye.push(EVERYONE, message)
  mock.timers.tick(5000)
  assert.deepEqual([urls(), family.pluck("id"), member.attributes], [[], [7], { id: 3 }])
})

test("a page listens there once, with its first object, and lets go with its last", async () => {
  const opened = open()
  assert.equal(live(opened.faye), 0)
  const { Member } = families(opened)
  const members = [1, 2, 3].map((id) => new Member({ id }))
  await settled()
  assert.deepEqual([live(opened.faye), opened.faye.everyone.length], [1, 1])
  members.slice(1).forEach((member) => member.unsubscribe())
  await settled()
  assert.equal(live(opened.faye), 1)
  members[0].unsubscribe()
  await settled()
  assert.equal(live(opened.faye), 0)
  members[0].subscribe()
  await settled()
  assert.equal(live(opened.faye), 1)
})

test("the app hears of the channels of its objects, not of this one", async () => {
  const opened = open()
  const heard = []
  opened.Backbone.Pushable.on("subscribed", (channel) => heard.push(channel))
  new (families(opened).Member)({ id: 3 })
  await settled()
  assert.deepEqual(heard, ["/sync/member_3"])
})

test("no name is written so", () => {
  const { Backbone } = open()
  assert.equal(Backbone.Pushable.channel("$all"), "/sync/$24all")
})
