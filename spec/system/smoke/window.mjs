// One window of the demo application: what it shows, and what a person can do in it.

const DEADLINE_MS = 20_000

// Runs in the page before anything else: keeps the highest number of rows that ever showed a name at once, so that a
// duplicate or a record that must not appear is caught even when it is gone a moment later.
function recordNames() {
  window.mostAtOnce = {}
  new MutationObserver(() => {
    const counts = {}
    document.querySelectorAll(".member .name").forEach((input) => {
      counts[input.value] = (counts[input.value] || 0) + 1
    })
    for (const name in counts) window.mostAtOnce[name] = Math.max(window.mostAtOnce[name] || 0, counts[name])
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
}

export class DemoWindow {
  static async open(browser, url) {
    const context = await browser.newContext({ viewport: { width: 1180, height: 560 }, deviceScaleFactor: 2 })
    const page = await context.newPage()
    const opened = new DemoWindow(page)
    await page.addInitScript(recordNames)
    await page.goto(url)
    return opened
  }

  constructor(page) {
    this.page = page
    this.errors = []
    page.on("pageerror", (error) => this.errors.push(error.message))
  }

  // --- What it shows ---

  live() {
    return this.page.waitForSelector('#badge[data-state="live"]', { timeout: DEADLINE_MS })
  }

  /** Waits until the family shows the name, or (with shown: false) no longer shows it. */
  showing(family, name, shown = true) {
    const condition = ([family, name, shown]) => {
      const section = [...document.querySelectorAll(".family")]
        .find((candidate) => candidate.querySelector(".family-name").textContent === family)
      return [...section.querySelectorAll(".member .name")].some((input) => input.value === name) === shown
    }
    return this.page.waitForFunction(condition, [family, name, shown], { timeout: DEADLINE_MS })
  }

  /** The names of every family, as shown. */
  families() {
    return this.page.evaluate(() => Object.fromEntries(
      [...document.querySelectorAll(".family")].map((section) => [
        section.querySelector(".family-name").textContent,
        [...section.querySelectorAll(".member .name")].map((input) => input.value)
      ])
    ))
  }

  /** The highest number of rows that ever showed the name at once. */
  mostAtOnce(name) {
    return this.page.evaluate((name) => window.mostAtOnce[name] || 0, name)
  }

  // --- What a person does ---

  async add(family, name) {
    const form = this.page.locator(".family", { has: this.page.getByRole("heading", { name: family }) }).locator(".add")
    await form.locator("input").fill(name)
    return () => form.locator("button").click()
  }

  async rename(name, newName) {
    const input = (await this.row(name)).locator(".name")
    await input.fill(newName)
    return () => input.press("Enter")
  }

  async move(name, family) {
    const select = (await this.row(name)).locator(".move")
    return () => select.selectOption({ label: family })
  }

  async remove(name) {
    const button = (await this.row(name)).locator(".remove")
    return () => button.click()
  }

  async row(name) {
    const place = await this.page.locator(".member .name").evaluateAll(
      (inputs, name) => inputs.findIndex((input) => input.value === name), name
    )
    if (place < 0) throw new Error(`no row shows ${name}`)
    const id = await this.page.locator(".member").nth(place).getAttribute("data-id")
    return this.page.locator(`.member[data-id="${id}"]`)
  }
}
