// A page of its own for each test: fresh Backbone, fresh client library, a Faye client that only takes notes, and
// requests that the test answers itself. No DOM and no network.
import { createRequire } from "node:module"
import { after, beforeEach, afterEach } from "node:test"

const require = createRequire(import.meta.url)
/** The channel that each page listens to beside its own. */
export const EVERYONE = "/sync/$all"

const LIBRARY = "../../app/assets/javascripts/pushable.js"

export class FakeFaye {
  constructor() {
    this.subscriptions = [] // to the channels of objects
    this.everyone = []      // to everyone's channel
    this.handlers = {}
    this.acking = true
  }

  on(event, handler) { this.handlers[event] = handler; }

  subscribe(channel, callback) {
    const subscription = { channel, callback, cancelled: false, cancel() { this.cancelled = true; } }
    const answer = new Promise((resolve, reject) => Object.assign(subscription, { ack: resolve, refuse: reject }))
    subscription.then = (...handlers) => answer.then(...handlers)
    if (this.acking) subscription.ack()
    const subscriptions = channel === EVERYONE ? this.everyone : this.subscriptions
    subscriptions.push(subscription)
    return subscription
  }

  /** The channels listened to now. */
  get channels() { return this.subscriptions.filter((each) => !each.cancelled).map((each) => each.channel).sort(); }

  /** A message, as it comes out of JSON. */
  push(channel, message) {
    this.subscriptions.concat(this.everyone).filter((each) => !each.cancelled && each.channel === channel)
      .forEach((each) => each.callback(JSON.parse(JSON.stringify(message))))
  }
}

// The answers to requests that their tests left open: each keeps a timer of the library's running.
const abandoned = []
after(() => abandoned.forEach((request) => request.error({}, "abort", "")))

/** Loads Backbone and the library as a page that has just been opened would. */
export function open({ faye = new FakeFaye() } = {}) {
  for (const path of ["backbone", LIBRARY]) delete require.cache[require.resolve(path)]
  const Backbone = require("backbone")
  require(LIBRARY)
  const requests = []
  Backbone.ajax = (request) => {
    requests.push(request)
    abandoned.push(request)
    return request
  }
  if (faye) Backbone.Pushable.configure({ client: faye })
  return { Backbone, faye, requests }
}

/** The classes of the README. */
export function families(page) {
  const { Backbone } = page
  const Member = Backbone.PushableModel.extend({ channel() { return `member_${this.id}`; } })
  const Family = Backbone.PushableCollection.extend({
    model: Member,
    url: "/members",
    initialize(models, options) { this.id = options.id; },
    channel() { return `family_${this.id}_members`; }
  })
  return { Member, Family }
}

/** Lets the microtasks run: the objects made so far have asked for their channels, and Faye has answered. */
export const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Collects what is printed as a warning while a test runs. */
export function catchWarnings() {
  const warnings = []
  const original = console.warn
  beforeEach(() => {
    warnings.length = 0
    console.warn = (text) => warnings.push(text)
  })
  afterEach(() => { console.warn = original; })
  return warnings
}

/** Runs `action` and gives the errors that it lets out to window.onerror. */
export async function uncaught(action) {
  const errors = []
  const others = process.listeners("uncaughtException")
  process.removeAllListeners("uncaughtException")
  process.on("uncaughtException", (error) => errors.push(error.message))
  try {
    await action()
    await new Promise((resolve) => setTimeout(resolve, 5))
  } finally {
    process.removeAllListeners("uncaughtException")
    others.forEach((listener) => process.on("uncaughtException", listener))
  }
  return errors
}
