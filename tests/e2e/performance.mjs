// Performance reports: found, narrowed, read and compared by keyboard; on their card and in the room; narrow and dark; hidden from strangers.
import { base, card, check, openBoard, scenario } from "./browser.mjs";

const CARD = "Speed up the product page on mobile";

await scenario(async (person) => {
  const alice = await person("alice");
  await alice.getByRole("link", { name: "Performance" }).waitFor();
  await alice.keyboard.press("g");
  await alice.keyboard.press("p");
  await alice.waitForURL(`${base}/performance/`);
  const rows = alice.locator(".report-row");
  await rows.nth(3).waitFor();
  check((await alice.title()) === "Performance · Workroom", `the title says "${await alice.title()}"`);

  // The filter is in the address, so that it can be kept and sent.
  await alice.getByLabel("Result").selectOption({ label: "Failed" });
  await rows.nth(1).waitFor();
  await rows.nth(2).waitFor({ state: "detached" });
  check(new URL(alice.url()).search === "?passed=false", `the address is ${alice.url()}`);
  await alice.reload();
  await rows.nth(1).waitFor();
  check((await rows.count()) === 2, `${await rows.count()} rows after a reload with the filter`);
  await alice.getByLabel("Target").selectOption("workroom");
  await alice.getByText("No report fits.").waitFor();
  await alice.getByRole("button", { name: "Clear filters" }).click();
  await rows.nth(3).waitFor();

  // Two are chosen and compared without a pointer; the older one is before, whichever was chosen first.
  for (const round of [3, 1]) {
    await alice.getByRole("checkbox", { name: `Compare slow_board, round ${round}` }).focus();
    await alice.keyboard.press("Space");
  }
  await alice.getByRole("link", { name: "Compare these two" }).focus();
  await alice.keyboard.press("Enter");
  await alice.waitForURL(/\/compare\//);
  await alice.getByRole("region", { name: "Before", exact: true }).getByText("round 1").waitFor();
  await alice.getByRole("region", { name: "After", exact: true }).getByText("round 3").waitFor();
  await alice.getByRole("region", { name: "Measurement moves" }).getByText(/× faster/).first().waitFor();
  await plots(alice, 4);
  await pictures(alice, "compare");

  // One report: its budgets, what makes it slow, its figures as words.
  await alice.getByRole("region", { name: "Before", exact: true }).getByRole("link").click();
  await alice.getByRole("region", { name: "Budgets", exact: true }).getByText("moves to all < 100 ms with 10 clients").waitFor();
  await alice.getByRole("region", { name: "Findings" }).getByText("board.py:42, in broadcast").waitFor();
  await plots(alice, 6);
  const table = alice.getByRole("region", { name: "Measurement lists" }).locator(".plot-table").first();
  await table.locator("summary").focus();
  await alice.keyboard.press("Enter");
  await table.getByRole("columnheader", { name: "Samples" }).waitFor();
  await pictures(alice, "report");
  await alice.getByRole("region", { name: "Rounds of this run" }).getByRole("link", { name: "Round 3" }).click();
  await alice.getByText("Round 3, this one").waitFor();

  // The card shows its newest reports, the room of its run how the rounds went.
  await alice.goto(`${base}/`);
  await openBoard(alice);
  await card(alice, CARD).locator(".card-face").click();
  const onCard = alice.getByRole("region", { name: "Performance", exact: true });
  await onCard.getByText("slow_board, round 3").waitFor();
  const room = await alice.getByRole("region", { name: "Agents" }).getByText("Open room").getAttribute("href");
  await alice.goto(base + room);
  await alice.getByRole("img", { name: /^moves to all .* Round 3: 27.4 ms, passed/ }).waitFor();

  // "Measure this" asks which workspace, and a run sets out to measure it; it is stopped here, since that takes its time.
  await alice.goto(`${base}/`);
  await openBoard(alice);
  await card(alice, CARD).locator(".card-face").click();
  await alice.getByRole("button", { name: "Measure this" }).click();
  const dialog = alice.getByRole("dialog", { name: /^Measure for #/ });
  await dialog.getByRole("radio", { name: "slow_board" }).check();
  await dialog.getByRole("button", { name: "Measure", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await alice.getByRole("region", { name: "Agents" }).getByRole("button", { name: "Stop" }).click();
  await alice.getByText("The last run was stopped").waitFor({ timeout: 60_000 });
  await alice.goto(base + room);
  await alice.getByText("Workspace: slow_board, rounds: 1.").waitFor();
  await alice.getByText(/^Run 2 · Optimise/).first().waitFor();

  // A member reads the report of the board, a stranger neither finds nor opens it.
  const [bob, charlie] = [await person("bob"), await person("charlie")];
  await bob.goto(`${base}/performance/`);
  await bob.locator(".report-row").nth(2).waitFor();
  check((await bob.locator(".report-row").count()) === 3, "bob sees what alice measured by hand");
  const address = await bob.locator(".report-link").first().getAttribute("href");
  await charlie.goto(`${base}/performance/`);
  await charlie.getByText("No reports yet.").waitFor();
  const hidden = await charlie.goto(base + address);
  check(hidden.status() === 404, `a stranger's answer is ${hidden.status()}`);
});

async function plots(page, count) {
  await page.locator("svg.plot-drawing").nth(count - 1).waitFor();
  const nameless = await page.locator("svg.plot-drawing:not([aria-label])").count();
  check(nameless === 0, `${nameless} plots say nothing to who can't see them`);
}

/** Dark, then narrow: nothing is wider than the screen. */
async function pictures(page, name) {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: `${process.env.SHOTS}/${name}-dark.png`, fullPage: true });
  await page.setViewportSize({ width: 375, height: 740 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= 375, `the page is ${wide} px wide at 375`);
  await page.screenshot({ path: `${process.env.SHOTS}/${name}-phone.png`, fullPage: true });
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1440, height: 900 });
}
