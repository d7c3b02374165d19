// What every browser scenario shares: Chromium, people who sign in by the page, waiting for what is seen.
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const base = process.env.BASE_URL;
export const password = process.env.PASSWORD;
const shots = process.env.SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

/** Run one scenario; a failure leaves a picture of every open page and a message, and exits with 1. */
export async function scenario(run) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
  const people = new Map();
  const problems = [];
  const person = async (name, options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => problems.push(`${name}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy/.test(message.text())) problems.push(`${name}: ${message.text()}`);
    });
    people.set(name, page);
    await signIn(page, name);
    return page;
  };
  try {
    await run(person, browser);
    if (problems.length) throw new Error(problems.join("\n"));
  } catch (error) {
    for (const [name, page] of people) {
      if (shots) await page.screenshot({ path: `${shots}/failed-${name}.png` }).catch(() => {});
    }
    console.error(error);
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

export async function signIn(page, name) {
  await page.goto(`${base}/`);
  await page.getByLabel("Username").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${base}/`);
}

export async function openBoard(page, name = "Launch") {
  await page.getByRole("link", { name: new RegExp(name) }).first().click();
  await page.waitForURL(/\/boards\//);
  await live(page);
}

/** Wait until the page says that it is live. */
export const live = (page) => page.getByRole("status").filter({ hasText: "Live" }).first().waitFor();

export const column = (page, name) => page.locator(`section.column[aria-label="${name}"]`);
export const card = (page, title) => page.locator("li.card", { hasText: title }).first();
export const cardIn = (page, columnName, title) => column(page, columnName).locator("li.card", { hasText: title }).first();

/** Open a card and hand it to the agents with a wish; the room opens beside the board, and its session's id comes back. */
export async function handOver(page, title, wish) {
  await card(page, title).locator(".card-face").click();
  await page.getByLabel(/What should come out of it/).fill(wish);
  await page.getByRole("button", { name: "Hand to agents" }).click();
  const room = page.waitForEvent("websocket", (socket) => socket.url().includes("/ws/sessions/"));
  // A run that asks at once says so in the same place.
  await page.getByText(/^(Open room|Answer in the room)$/).first().click();
  return /sessions\/([0-9a-f-]{36})/.exec((await room).url())[1];
}

/** Drag a card onto a column as a mouse does it. */
export async function drag(page, title, columnName) {
  const from = await card(page, title).boundingBox();
  const to = await column(page, columnName).boundingBox();
  await page.mouse.move(from.x + from.width / 2, from.y + 16);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2 + 12, from.y + 28, { steps: 4 });
  await page.mouse.move(to.x + to.width / 2, to.y + 90, { steps: 12 });
  await page.waitForTimeout(100);
  await page.mouse.up();
}

export function check(condition, message) {
  if (!condition) throw new Error(message);
}
