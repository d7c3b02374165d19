// The pictures of the documents: every page once, on a fresh demo board.
import { base, card, cardIn, handOver, openBoard, scenario } from "./browser.mjs";

const WISH = "Analyse the stock performance of Apple, Google and Tesla over the last months and summarise the key findings";
const WIDE = { viewport: { width: 1280, height: 800 } };

await scenario(async (person, browser) => {
  const guest = await (await browser.newContext({ viewport: { width: 1280, height: 560 } })).newPage();
  await guest.goto(`${base}/`);
  await shoot(guest, "sign-in");
  await guest.goto(`${base}/accounts/signup/`);
  await shoot(guest, "sign-up");

  const alice = await person("alice", WIDE);
  const bob = await person("bob", { ...WIDE, colorScheme: "light" });
  await openBoard(alice);
  await openBoard(bob);
  const session = await handOver(alice, "three share prices", WISH);
  await cardIn(bob, "To do", "three share prices").getByText(/step 3 of 3/).waitFor();
  await shoot(bob, "board");
  await report(alice);
  await alice.goto(`${base}/sessions/${session}/`);
  await report(alice);
  await shoot(alice, "room");
  await alice.goto(`${base}/verify/?session=${session}`);
  await shoot(alice, "check-events");

  await alice.goto(`${base}/`);
  await openBoard(alice);
  await handOver(alice, "Old banner", "Delete this card");
  await alice.getByRole("button", { name: "Approve" }).first().waitFor();
  await shoot(alice, "approval");

  await bob.goto(`${base}/inbox/`);
  await bob.getByRole("button", { name: "Approve" }).waitFor();
  await bob.setViewportSize({ width: 1280, height: 620 });
  await shoot(bob, "inbox");
  await bob.goto(`${base}/`);
  await bob.setViewportSize({ width: 1280, height: 400 });
  await shoot(bob, "boards");
  await bob.goto(`${base}/accounts/password/`);
  await bob.setViewportSize({ width: 1280, height: 560 });
  await shoot(bob, "password");
  await bob.goto(`${base}/`);
  await bob.setViewportSize(WIDE.viewport);
  await openBoard(bob);
  await card(bob, "Landing page").locator(".card-face").click();
  await bob.getByText("Check on a small phone").waitFor();
  await shoot(bob, "card");
  await bob.keyboard.press("Escape");

  await bob.emulateMedia({ colorScheme: "dark" });
  await bob.reload();
  await shoot(bob, "dark");
  await bob.emulateMedia({ colorScheme: "light" });
  await bob.setViewportSize({ width: 375, height: 740 });
  await bob.reload();
  await shoot(bob, "phone");
  await bob.goto(`${base}/sessions/${session}/`);
  await report(bob);
  await shoot(bob, "room-phone");

  await performance(bob);

  await alice.goto(`${base}/console/`);
  await alice.getByRole("button", { name: "Connect", exact: true }).click();
  await alice.getByRole("status").filter({ hasText: /^Connected/ }).waitFor();
  await alice.getByRole("button", { name: "Send", exact: true }).click();
  await alice.getByRole("log").getByText("hello", { exact: true }).waitFor();
  await alice.getByRole("button", { name: "Send", exact: true }).click();
  await alice.getByRole("log").getByText("run_completed", { exact: true }).waitFor();
  await shoot(alice, "console");

  await alice.goto(`${base}/admin/agents/run/`);
  await alice.locator("#toggle-nav-sidebar").click();
  await shoot(alice, "admin");
});

/** The list, a report and a comparison; the report once more on a phone, dark. */
async function performance(page) {
  await page.setViewportSize({ width: 1280, height: 420 });
  await page.goto(`${base}/performance/`);
  await page.locator(".report-row").nth(2).waitFor();
  await shoot(page, "performance");
  const [third, , first] = await page.locator(".report-link").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  await page.setViewportSize({ width: 1280, height: 1250 });
  await page.goto(base + first);
  await shoot(page, "performance-report");
  await page.goto(`${base}${first}compare/${third.split("/")[2]}/`);
  await page.setViewportSize({ width: 1280, height: 1200 });
  await shoot(page, "performance-compare");
  await page.setViewportSize({ width: 375, height: 740 });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(base + first);
  await shoot(page, "performance-phone");
}

/** A picture once nothing moves. */
async function shoot(page, name) {
  await page.waitForTimeout(1200);
  await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
}

async function report(page) {
  await page.getByRole("button", { name: "Copy as Markdown" }).first().waitFor({ timeout: 60_000 });
}
