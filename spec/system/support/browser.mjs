// The Chromium that is installed on this machine, driven by playwright-core.

import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { chromium } from "playwright-core"

const NAMES = ["chromium", "chromium-browser", "google-chrome"]

// Beyond playwright's own: nothing that needs a graphics card or talks to anyone but the page's servers.
const QUIET = ["--disable-gpu", "--disable-quic", "--disable-sync"]

/** Starts a headless Chromium; the CHROMIUM environment variable names another one than the first in PATH. */
export function launchBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM || findChromium(), args: QUIET })
}

function findChromium() {
  const folders = process.env.PATH.split(delimiter)
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync)
  if (!found) throw new Error("no Chromium found; run bin/setup, or name one in CHROMIUM")
  return found
}
