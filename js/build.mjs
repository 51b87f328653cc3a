// Builds app/assets/javascripts/pushable.js: the parts in js/src, in this order, inside the wrapper js/src/umd.js.
//
//   node js/build.mjs            writes the file
//   import { build }             gives its text (the test that compares it with the committed one)
//
// Plain concatenation on purpose: what ships is what was written, and no tool stands between an error's line and its
// cause.
import { readFileSync, realpathSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = new URL("../", import.meta.url)
const read = (path) => readFileSync(new URL(path, root), "utf8")

// Low to high: a part calls only parts above it when it is loaded.
const PARTS = [
  "util", "channel", "status", "token", "client", "hub", "flights", "state", "message", "apply", "model", "collection"
]

export const TARGET = fileURLToPath(new URL("app/assets/javascripts/pushable.js", root))

const indent = (text) => text.replace(/^(?=.)/gm, "  ")

export function build() {
  const { version } = JSON.parse(read("package.json"))
  const parts = PARTS.map((name) => indent(read(`js/src/${name}.js`))).join("\n")
  // Functions as replacements: a `$` in the source must not be read as a pattern.
  return read("js/src/umd.js").replace("  /* parts */\n", () => parts).replace(/@VERSION@/g, () => version)
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  writeFileSync(TARGET, build())
}
