// When an object listens, to what, and when it lets go.
import test from "node:test"
import assert from "node:assert/strict"
import { open, families, settled, catchWarnings, FakeFaye } from "./support.mjs"

const warnings = catchWarnings()

function page(options) {
  const opened = open(options)
  return { ...opened, ...families(opened) }
}

test("what initialize and the code after the constructor set is part of the name", async () => {
  const { Backbone, faye } = page()
  class Family extends Backbone.PushableCollection {
    prefix = "household"
    constructor(id) {
      super()
      this.id = id
    }
    channel() { return `${this.prefix}_${this.id}`; }
  }
  new Family(5)
  await settled()
  assert.deepEqual(faye.channels, ["/sync/household_5"])
})

test("a model without an id listens to nothing; once it has one, to its channel", async () => {
  const { Member, faye } = page()
  const member = new Member()
  await settled()
  assert.deepEqual(faye.channels, [])
  member.set({ id: 7 })
  await settled()
  assert.deepEqual(faye.channels, ["/sync/member_7"])
})

test("a model without an id listens to nothing even where its channel needs no id", async () => {
  const { Backbone, faye } = page()
  new (Backbone.PushableModel.extend({ channel: "settings" }))()
  await settled()
  assert.deepEqual(faye.channels, [])
})

test("a channel made of attributes moves with them", async () => {
  const { Backbone, faye } = page()
  const Member = Backbone.PushableModel.extend({ channel() { return `of_${this.get("family_id")}`; } })
  const member = new Member({ id: 1, family_id: 1 })
  await settled()
  member.set("family_id", 2)
  await settled()
  assert.deepEqual(faye.channels, ["/sync/of_2"])
})

test("one subscription a channel, given back with its last listener", async () => {
  const { Member, faye } = page()
  const [one, two] = [new Member({ id: 7 }), new Member({ id: 7 })]
  await settled()
  assert.equal(faye.subscriptions.length, 1)
  one.unsubscribe()
  await settled()
  assert.deepEqual(faye.channels, ["/sync/member_7"])
  two.unsubscribe()
  await settled()
  assert.deepEqual(faye.channels, [])
})

test("the models of a live collection open no channels of their own", async () => {
  const { Family, faye } = page()
  const family = new Family([{ id: 1 }, { id: 2 }], { id: 1 })
  family.add({ id: 3 })
  await settled()
  family.add({ id: 4 })
  await settled()
  assert.deepEqual(faye.channels, ["/sync/family_1_members"])
})

test("nor does a model that was there before its collection", async () => {
  const { Family, Member, faye } = page()
  const member = new Member({ id: 1 })
  new Family([member], { id: 1 })
  await settled()
  assert.deepEqual(faye.subscriptions.map(({ channel }) => channel), ["/sync/family_1_members"])
})

test("with pushInstances they do", async () => {
  const { Family, faye } = page()
  new (Family.extend({ pushInstances: true }))([{ id: 1 }], { id: 1 })
  await settled()
  assert.deepEqual(faye.channels, ["/sync/family_1_members", "/sync/member_1"])
})

test("the models of a collection that has no channel listen for themselves", async () => {
  const { Backbone, Member, faye } = page()
  new (Backbone.PushableCollection.extend({ model: Member }))([{ id: 1 }])
  await settled()
  assert.deepEqual(faye.channels, ["/sync/member_1"])
})

test("a model that leaves its last collection listens to nothing, however it leaves", async () => {
  const { Backbone, Family, faye } = page()
  const family = new (Family.extend({ pushInstances: true }))([{ id: 1 }, { id: 2 }, { id: 3 }], { id: 1 })
  const favourites = new Backbone.PushableCollection(family.get(3))
  await settled()
  assert.equal(faye.channels.length, 4)
  family.remove(1, { silent: true })
  await settled()
  assert.deepEqual(faye.channels, ["/sync/family_1_members", "/sync/member_2", "/sync/member_3"])
  family.reset()
  await settled()
  assert.deepEqual(faye.channels, ["/sync/family_1_members", "/sync/member_3"], "3 is still a favourite")
  favourites.set([])
  await settled()
  assert.deepEqual(faye.channels, ["/sync/family_1_members"])
})

test("subscribe() keeps a model live outside of its collection", async () => {
  const { Family, faye } = page()
  const family = new Family([{ id: 1 }], { id: 1 })
  const member = family.get(1).subscribe()
  family.remove(member)
  await settled()
  assert.deepEqual(faye.channels, ["/sync/family_1_members", "/sync/member_1"])
})

test("a collection that was told to be silent keeps its models silent, until subscribe()", async () => {
  const { Family, faye } = page()
  const family = new Family([{ id: 1 }], { id: 1 })
  await settled()
  family.unsubscribe()
  await settled()
  assert.deepEqual(faye.channels, [])
  family.subscribe()
  await settled()
  assert.deepEqual(faye.channels, ["/sync/family_1_members"])
})

test("a destroyed model listens to nothing: by a push, or by its own DELETE once that has succeeded", async () => {
  const { Member, faye, requests } = page()
  new Member({ id: 1 })
  const second = new (Member.extend({ urlRoot: "/members" }))({ id: 2 })
  await settled()
  faye.push("/sync/member_1", { event: "destroy", object: { id: 1 } })
  second.destroy()
  await settled()
  assert.deepEqual(faye.channels, ["/sync/member_2"])
  requests[0].success()
  await settled()
  assert.deepEqual(faye.channels, [])
})

test("never cancels before the answer to the subscription", async () => {
  const { Member, faye } = page()
  faye.acking = false
  const member = new Member({ id: 7 })
  await settled()
  member.unsubscribe()
  await settled()
  assert.equal(faye.subscriptions[0].cancelled, false)
  faye.subscriptions[0].ack()
  await settled()
  assert.equal(faye.subscriptions[0].cancelled, true)
})

test("let go and taken up again before the answer: still one subscription", async () => {
  const { Member, faye } = page()
  faye.acking = false
  const member = new Member({ id: 7 }).unsubscribe()
  await settled()
  member.subscribe()
  await settled()
  faye.subscriptions[0].ack()
  await settled()
  assert.equal(faye.subscriptions.length, 1)
  assert.deepEqual(faye.channels, ["/sync/member_7"])
})

test("a refused subscription is said once, and heard by Pushable's listeners", async () => {
  const { Backbone, Member, faye } = page()
  faye.acking = false
  const denied = []
  Backbone.Pushable.on("denied", (channel, error) => denied.push([channel, error.message]))
  new Member({ id: 7 })
  await settled()
  faye.subscriptions[0].refuse(new Error("Forbidden"))
  await settled()
  assert.deepEqual(denied, [["/sync/member_7", "Forbidden"]])
  assert.match(warnings[0], /refused \/sync\/member_7: Forbidden/)
})

test("state follows the connection", async () => {
  const { Backbone, Member, faye } = page()
  const events = []
  Backbone.Pushable.on("up down", function () { events.push(Backbone.Pushable.state); })
  assert.equal(Backbone.Pushable.state, "connecting")
  new Member({ id: 7 })
  await settled()
  faye.handlers["transport:down"]()
  faye.handlers["transport:down"]()
  faye.handlers["transport:up"]()
  assert.deepEqual(events, ["up", "down", "up"])
})

test("an app that starts before Faye is there runs, says so once, and is live when Faye comes", async (context) => {
  const { Backbone, Member } = page({ faye: null })
  context.mock.timers.enable({ apis: ["setTimeout"] })
  const member = new Member({ id: 7 })
  new Member({ id: 8 })
  await settled()
  context.mock.timers.tick(1000)
  context.mock.timers.tick(1000)
  assert.equal(warnings.length, 1)
  assert.match(warnings[0], /no Faye client on this page/)
  assert.equal(Backbone.Pushable.state, "down")
  try {
    globalThis.FayeClient = new FakeFaye()
    context.mock.timers.tick(1000)
    await settled()
    assert.deepEqual(globalThis.FayeClient.channels, ["/sync/member_7", "/sync/member_8"])
    globalThis.FayeClient.push("/sync/member_7", { event: "update", object: { id: 7, name: "Ann" } })
    assert.equal(member.get("name"), "Ann")
  } finally {
    delete globalThis.FayeClient
  }
})

test("without a client of the page's own it makes one for the configured url", async () => {
  const { Backbone, Member } = page({ faye: null })
  const urls = []
  const Client = class extends FakeFaye {
    constructor(url) {
      super()
      urls.push(url)
    }
  }
  Backbone.Pushable.configure({ url: "https://push.example/faye", Faye: { Client } })
  new Member({ id: 7 })
  await settled()
  assert.deepEqual(urls, ["https://push.example/faye"])
})
