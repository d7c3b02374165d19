// Where the focus goes: quick add, keys of a card, who is here; and drafts of an answer, which outlive a reload.
import { card, cardIn, check, column, handOver, openBoard, scenario } from "./browser.mjs";

const REPORTED = "Landing page";
const isFocused = (element) => element.evaluate((each) => each === document.activeElement);
const isOpen = (fold) => fold.evaluate((each) => each.open);

await scenario(async (person) => {
  const page = await person("alice");
  await openBoard(page);
  await quickAdd(page);
  await whoIsHere(page);
  await movedCard(page, await person("bob"));
  await newLabel(page);
  await handOverAgain(page);
  await noteOfAnApproval(page);
});

/** "+" leads into the field, whether the quick add is open already or not. */
async function quickAdd(page) {
  const add = page.getByRole("button", { name: "Add a card to To do" });
  const field = column(page, "To do").locator(".quick-add textarea");
  for (const state of ["closed", "open"]) {
    await add.click();
    check(await isFocused(field), `with quick add ${state}, + left the focus elsewhere`);
  }
  await page.keyboard.press("Escape");
}

async function whoIsHere(page) {
  const fold = page.locator("details.presence");
  await fold.locator("summary").click();
  await page.keyboard.press("Escape");
  check(!(await isOpen(fold)), "Esc left the list of who is here open");
  check(await isFocused(fold.locator("summary")), "Esc took the focus elsewhere");
  await fold.locator("summary").click();
  await page.locator(".columns").click({ position: { x: 2, y: 2 } });
  check(!(await isOpen(fold)), "a press outside left the list of who is here open");
}

/** The card that has the focus keeps it: moved by somebody else, and home again from a full column. */
async function movedCard(page, other) {
  const title = "Price list for shops that resell";
  await openBoard(other);
  await card(page, title).locator(".card-face").focus();
  await card(other, title).locator(".card-face").focus();
  await other.keyboard.press("Shift+ArrowRight");
  await cardIn(page, "In progress", title).waitFor();
  check(await isFocused(card(page, title).locator(".card-face")), "a card that somebody else moved lost the focus");
  await page.keyboard.press("Shift+ArrowRight");
  await cardIn(page, "In progress", title).getByText(/^Review is full/).waitFor();
  check(await isFocused(card(page, title).locator(".card-face")), "a card that came home lost the focus");
}

/** Esc in the field for a new label takes back what was typed; leaving it by Tab adds it. */
async function newLabel(page) {
  await card(page, REPORTED).locator(".card-face").click();
  const field = page.getByLabel("Add a label");
  const labels = page.locator(".panel .chip.removable");
  await field.fill("mistyped");
  await page.keyboard.press("Escape");
  await field.fill("meant");
  await page.keyboard.press("Tab");
  await labels.filter({ hasText: "meant" }).waitFor();
  check((await labels.filter({ hasText: "mistyped" }).count()) === 0, "Esc added the label that was being typed");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.locator(".side").waitFor({ state: "detached" });
}

/** `r` on a card whose report is ready leads to what hands it over again. */
async function handOverAgain(page) {
  await handOver(page, REPORTED, "Count the cards");
  await page.locator(".room .report").first().waitFor({ timeout: 60_000 });
  await page.keyboard.press("Escape");
  await page.locator(".panel").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".side").waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement?.closest("[data-card]"));
  await card(page, REPORTED).locator(".card-face").focus();
  await page.keyboard.press("r");
  const again = page.getByRole("button", { name: "Hand over again" });
  await again.waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === "Hand over again");
  await page.keyboard.press("Escape");
}

async function noteOfAnApproval(page) {
  await handOver(page, "Old banner", "Delete this card");
  const note = page.getByRole("textbox", { name: /Note to the agent/ });
  await note.fill("Not before Friday");
  await page.reload();
  await note.waitFor();
  check((await note.inputValue()) === "Not before Friday", "the note was lost on a reload");
  await page.getByRole("button", { name: "Deny" }).click();
  await page.getByText("You denied: “Not before Friday”").first().waitFor();
  check((await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes(".request.")).length)) === 0, "the draft of an ended request was kept");
}
