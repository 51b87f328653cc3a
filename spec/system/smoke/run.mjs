// The smoke run of bin/demo --smoke, against the demo application at DEMO_URL: prints a line a step and a verdict.

import { parseArgs } from "node:util"
import { launchBrowser } from "../support/browser.mjs"
import { steps } from "./steps.mjs"
import { DemoWindow } from "./window.mjs"

const { values: { screenshot } } = parseArgs({ options: { screenshot: { type: "string" } } })
const url = process.env.DEMO_URL
if (!url) {
  console.error("DEMO_URL is not set; start this with bin/demo --smoke")
  process.exit(1)
}

/** Runs a step; answers the milliseconds it measured (or null) and what went wrong (or null). */
async function run(step, windows) {
  let milliseconds = null
  const measure = async (act, shown) => {
    const started = performance.now()
    await Promise.all([act(), ...shown])
    milliseconds = Math.round(performance.now() - started)
  }
  try {
    await step({ ...windows, measure })
    return { milliseconds, failure: null }
  } catch (failure) {
    return { milliseconds: null, failure }
  }
}

function report(name, { milliseconds, failure }) {
  const time = failure ? "failed" : milliseconds === null ? "ok" : `${milliseconds} ms`
  console.log(`${name.padEnd(28)}${time.padStart(8)}`)
  if (failure) console.log(failure.stack)
}

const browser = await launchBrowser()
let failed = 0
try {
  const open = () => DemoWindow.open(browser, url)
  const windows = { acting: await open(), watching: await open(), fresh: open }

  console.log(`${"step".padEnd(28)}${"shown in".padStart(8)}`)
  for (const [name, step] of Object.entries(steps)) {
    const result = await run(step, windows)
    if (result.failure) failed += 1
    report(name, result)
  }
  if (screenshot) await windows.watching.page.screenshot({ path: screenshot })
} finally {
  await browser.close()
}

console.log(`smoke: ${Object.keys(steps).length - failed} passed, ${failed} failed`)
process.exitCode = failed ? 1 : 0
