// A card that is dropped on a full column says why it stays, and goes on answering to the keyboard.
import { card, cardIn, column, openBoard, scenario } from "./browser.mjs";

await scenario(async (person) => {
  const page = await person("alice");
  await openBoard(page);
  await limit(page, "In progress");
  const title = await column(page, "To do").locator("li.card .card-title").first().innerText();
  await drag(page, title, "In progress");
  await cardIn(page, "To do", title).getByText(/^In progress is full/).waitFor();

  await card(page, title).locator(".card-face").focus();
  await page.getByRole("button", { name: "Dismiss" }).first().click();
  await drag(page, title, "In progress");
  await card(page, title).locator(".card-face").focus();
  await page.keyboard.press("Shift+ArrowDown");
  await page.waitForFunction((text) => document.querySelectorAll("section.column[aria-label='To do'] li.card .card-title")[1]?.textContent === text, title);
  await restore(page, "In progress");
});

/** An archived card that finds its column full says so where it was asked for: in the dialog, and in its panel. */
async function restore(page, name) {
  const full = new RegExp(`^${name} is full`);
  const title = await column(page, name).locator("li.card .card-title").first().innerText();
  await card(page, title).locator(".card-face").focus();
  await page.keyboard.press("x");
  await card(page, title).waitFor({ state: "detached" });
  await page.getByRole("button", { name: `Add a card to ${name}` }).click();
  await page.keyboard.type("In its place\n");
  await cardIn(page, name, "In its place").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Archived" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
  await page.getByRole("dialog").getByText(full).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: title }).click();
  await page.locator(".panel").getByRole("button", { name: "Restore" }).click();
  await page.locator(".panel").getByText(full).waitFor();
}

/** Set the column's limit to what it holds. */
async function limit(page, name) {
  await column(page, name).getByRole("button", { name: `Menu of column ${name}` }).click();
  await page.getByRole("menuitem", { name: /limit/ }).click();
  const count = await column(page, name).locator("li.card").count();
  await page.getByRole("dialog").locator("input").last().fill(String(count));
  await page.keyboard.press("Enter");
  await column(page, name).getByText(/Full/).first().waitFor();
}

async function drag(page, title, to) {
  const from = await card(page, title).boundingBox();
  const into = await column(page, to).boundingBox();
  await page.mouse.move(from.x + 60, from.y + 20);
  await page.mouse.down();
  await page.mouse.move(from.x + 90, from.y + 30, { steps: 5 });
  await page.mouse.move(into.x + 100, into.y + 150, { steps: 10 });
  await column(page, to).getByText(/^Full ·/).waitFor();
  await page.mouse.up();
}
