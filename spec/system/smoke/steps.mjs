// What the smoke run does, one function a step. Each gets the acting window, the watching one and a stopwatch, and
// throws when something is not as it must be.

import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const RAILS = fileURLToPath(new URL("../../../examples/families/bin/rails", import.meta.url))
const RUNNER_MS = 60_000

// Rolled back: a create and an update. Then a commit, which comes after them on the same channel.
const ROLLED_BACK_THEN_COMMITTED = `
  family = Family.find_by!(name: "Noether")
  Family.transaction do
    family.members.create!(name: "Nobody")
    family.members.find_by!(name: "Fritz").update!(name: "Nobody")
    raise ActiveRecord::Rollback
  end
  family.members.create!(name: "Auguste")
`

export const steps = {
  "both windows are live": async ({ acting, watching }) => {
    await Promise.all([acting.live(), watching.live()])
  },

  create: async ({ acting, watching, measure }) => {
    await measure(await acting.add("Lovelace", "Annabella"), [watching.showing("Lovelace", "Annabella")])
  },

  update: async ({ acting, watching, measure }) => {
    await measure(await acting.rename("Annabella", "Anne"), [watching.showing("Lovelace", "Anne")])
  },

  "move to another family": async ({ acting, watching, measure }) => {
    await measure(await acting.move("Anne", "Hopper"),
      [watching.showing("Hopper", "Anne"), watching.showing("Lovelace", "Anne", false)])
  },

  destroy: async ({ acting, watching, measure }) => {
    await measure(await acting.remove("Anne"), [watching.showing("Hopper", "Anne", false)])
  },

  "rollback shows nothing": async ({ acting, watching }) => {
    await promisify(execFile)(RAILS, ["runner", ROLLED_BACK_THEN_COMMITTED], { timeout: RUNNER_MS })
    for (const window of [acting, watching]) {
      await window.showing("Noether", "Auguste")
      assert.equal(await window.mostAtOnce("Nobody"), 0, "a row showed what was rolled back")
    }
  },

  "slow reply, one row": async ({ acting, watching, measure }) => {
    const { page } = acting
    await page.setExtraHTTPHeaders({ "X-Demo-Slow": "1" })
    let answered = false
    const reply = page.waitForResponse((response) => response.request().method() === "POST" &&
      response.url().endsWith("/members")).then(() => { answered = true })
    const push = measure(await acting.add("Hopper", "Vincent"), [watching.showing("Hopper", "Vincent")])
      .then(() => assert.equal(answered, false, "the push did not come before the reply"))
    await Promise.all([reply, push])
    await page.setExtraHTTPHeaders({})
  },

  "nothing shown twice": async ({ acting, watching, measure }) => {
    // On the same channel as the slow one: when this shows, whatever that one had to send has been shown too.
    await measure(await acting.add("Hopper", "Howard"), [watching.showing("Hopper", "Howard")])
    for (const window of [acting, watching]) {
      for (const name of ["Annabella", "Vincent", "Howard"]) {
        assert.equal(await window.mostAtOnce(name), 1, `${name} was shown twice at once`)
      }
    }
  },

  "windows and database agree": async ({ acting, watching, fresh }) => {
    const stored = await (await fresh()).families()
    assert.deepEqual(await acting.families(), stored)
    assert.deepEqual(await watching.families(), stored)
    assert.deepEqual([...acting.errors, ...watching.errors], [])
  }
}
