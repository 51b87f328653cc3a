// The token that a page came with goes with the subscription to its channel, and with nothing else.
import test, { afterEach } from "node:test"
import assert from "node:assert/strict"
import { FakeFaye, open, families, settled } from "./support.mjs"

const metas = []
const meta = (name, content) => ({ getAttribute: (attribute) => ({ content, "data-channel": name })[attribute] })

afterEach(() => {
  metas.length = 0
  delete globalThis.document
})

/** A page with these tokens, by channel name, and what its Faye client sends of a message. */
async function page(tokens) {
  globalThis.document = { querySelectorAll: (selector) => selector === 'meta[name="pushable-token"]' ? metas : [] }
  metas.push(...Object.entries(tokens).map(([name, content]) => meta(name, content)))
  const faye = new FakeFaye()
  const extensions = []
  faye.addExtension = (extension) => extensions.push(extension)
  const opened = open({ faye })
  const { Member } = families(opened)
  new Member({ id: 7 })
  await settled()
  assert.equal(extensions.length, 1)
  return (message) => {
    let sent
    extensions[0].outgoing(message, (result) => { sent = result; })
    return sent
  }
}

const subscribe = (subscription, more) => ({ channel: "/meta/subscribe", subscription, ...more })

test("a subscription shows the token of its channel, however that is written on the wire", async () => {
  const send = await page({ member_7: "v1.1.a", "é.b": "v1.2.b" })
  assert.deepEqual(send(subscribe("/sync/member_7")).ext, { pushable: { token: "v1.1.a" } })
  assert.deepEqual(send(subscribe("/sync/$c3$a9$2eb")).ext, { pushable: { token: "v1.2.b" } })
})

test("it keeps what others have to say in ext", async () => {
  const send = await page({ member_7: "v1.1.a" })
  const ext = { mine: 1, pushable: { seq: 5 } }
  assert.deepEqual(send(subscribe("/sync/member_7", { ext })).ext, { mine: 1, pushable: { seq: 5, token: "v1.1.a" } })
})

test("no other message, and no subscription to another channel, shows it", async () => {
  const send = await page({ member_7: "v1.1.a" })
  const others = [subscribe("/sync/member_8"), subscribe("/sync/$all"), { channel: "/meta/handshake" },
    { channel: "/meta/connect" }, { channel: "/meta/unsubscribe", subscription: "/sync/member_7" },
    { channel: "/sync/member_7", data: 1 }]
  for (const message of others) assert.deepEqual(send({ ...message }), message)
})

test("a token that comes later, with new contents of the page's head, is shown from then on", async () => {
  const send = await page({})
  assert.equal(send(subscribe("/sync/member_7")).ext, undefined)
  metas.push(meta("member_7", "v1.1.a"))
  assert.deepEqual(send(subscribe("/sync/member_7")).ext, { pushable: { token: "v1.1.a" } })
})
