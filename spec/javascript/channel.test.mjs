// The escape rule, by the table that the Ruby side is tested with too; and which names an object listens to.
import test from "node:test"
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { open, families, settled, catchWarnings } from "./support.mjs"

const vectors = JSON.parse(readFileSync(new URL("../vectors/channels.json", import.meta.url)))
const warnings = catchWarnings()

for (const { name, channel, error } of vectors) {
  const { channel: escape } = open().Backbone.Pushable
  test(`the channel of ${JSON.stringify(name)} is ${error ? "an error" : channel}`, () => {
    if (error) assert.throws(() => escape(name), /is no channel name/)
    else assert.equal(escape(name), channel)
  })
}

async function channelsOf(make) {
  const page = open()
  make(page.Backbone, families(page))
  await settled()
  return page.faye.channels
}

const model = (properties, attributes = { id: 7 }) =>
  channelsOf((Backbone) => new (Backbone.PushableModel.extend(properties))(attributes))
const collection = (properties) => channelsOf((Backbone) => new (Backbone.PushableCollection.extend(properties))())

test("channel may be a string or a function, and goes before the older names", async () => {
  assert.deepEqual(await model({ channel: "a.b" }), ["/sync/a$2eb"])
  assert.deepEqual(await model({ channel() { return `m_${this.id}`; }, instance_channel: "x" }), ["/sync/m_7"])
  assert.deepEqual(await model({ instance_channel() { return `i_${this.id}`; } }), ["/sync/i_7"])
  assert.deepEqual(await collection({ collection_channel: "all" }), ["/sync/all"])
})

test("no channel, or one that is null or false: nothing is listened to and nothing said", async () => {
  for (const properties of [{}, { channel: null }, { channel: () => undefined }, { channel: () => false }]) {
    assert.deepEqual(await model(properties), [])
  }
  assert.deepEqual(warnings, [])
})

test("a name with a part that was not set: one warning that names it, no subscription", async () => {
  for (const part of [undefined, null, NaN]) {
    assert.deepEqual(await model({ channel: `family_${part}_members` }), [])
    assert.match(warnings.at(-1), new RegExp(`family_${part}_members`))
  }
  const page = open()
  const { Family } = families(page)
  new Family([], {})
  new Family([], {})
  await settled()
  assert.equal(warnings.length, 4)
})

test("words that only hold such a part are fine", async () => {
  assert.deepEqual(await model({ channel: "nullable_undefinedness" }), ["/sync/nullable_undefinedness"])
  assert.deepEqual(warnings, [])
})

test("a name with an empty segment: a warning, no subscription", async () => {
  assert.deepEqual(await model({ channel: "a//b" }), [])
  assert.match(warnings[0], /a PushableModel does not listen: "a\/\/b"/)
})

test("a channel function that throws is reported, and the others are asked all the same", async () => {
  const { uncaught } = await import("./support.mjs")
  const page = open()
  const errors = await uncaught(async () => {
    new (page.Backbone.PushableModel.extend({ channel() { throw new Error("no such family"); } }))({ id: 1 })
    new (page.Backbone.PushableModel.extend({ channel: "other" }))({ id: 1 })
    await settled()
  })
  assert.deepEqual(errors, ["no such family"])
  assert.deepEqual(page.faye.channels, ["/sync/other"])
})
