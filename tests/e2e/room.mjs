// The room by keyboard and on a phone: where an approval opens, what was changed in it, where an answer about the run stands, focus rings.
import { base, check, handOver, openBoard, scenario } from "./browser.mjs";

const PHONE = { viewport: { width: 375, height: 667 }, hasTouch: true };
const MOST_STOPS = 80;

await scenario(async (person) => {
  const phone = await person("alice", PHONE);
  await openBoard(phone);
  const session = await handOver(phone, "Landing page", "What is unassigned? What is overdue? What has been stuck longest? Delete this card");
  const approve = phone.getByRole("button", { name: /^Approve/ });
  await approve.waitFor({ timeout: 60_000 });
  await headline(phone, "as it came");
  await phone.goto(`${base}/sessions/${session}/`);
  await approve.waitFor();
  await headline(phone, "on opening");
  await rings(phone, "on a phone");

  const page = await person("bob");
  await page.goto(`${base}/sessions/${session}/`);
  await changedArguments(page);
  await rings(page, "with an approval");
  await asideAndReport(page);
  await rings(page, "with a report");
});

/** What is asked can be read, also where the box is higher than the screen. */
async function headline(page, when) {
  await page.waitForTimeout(1_000);
  const [title, view] = await Promise.all([page.locator(".request.open .request-title").boundingBox(), page.locator("[data-stream-scroller]").boundingBox()]);
  check(title.y >= view.y && title.y + title.height <= view.y + view.height, `the approval's headline is out of sight ${when}`);
}

/** Arguments that were changed are there after a reload, and forgotten when they are again what was asked for. */
async function changedArguments(page) {
  const title = page.getByRole("textbox", { name: "Title" });
  const asked = await title.inputValue();
  await title.fill("Another page");
  await page.reload();
  await page.getByRole("button", { name: "Approve with changes" }).waitFor();
  check((await title.inputValue()) === "Another page", "the changed argument was lost on a reload");
  await page.getByText(`was: ${asked}`).waitFor();
  await title.fill(asked);
  await page.getByRole("button", { name: "Approve", exact: true }).waitFor();
  check((await drafts(page)) === 0, "a draft of arguments that are as they were was kept");
  await title.fill("Another page");
}

function drafts(page) {
  return page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes(".request.")).length);
}

/** An answer about the run stands before the report that came after it. */
async function asideAndReport(page) {
  await page.getByLabel("Message", { exact: true }).fill("How far are you?");
  await page.keyboard.press("Enter");
  const aside = page.locator("aside.clarifier");
  await aside.getByText(/The run is waiting for an answer/).waitFor();
  await page.getByRole("button", { name: "Deny" }).click();
  const report = page.locator("section.report").last();
  await report.getByText(/1 of 4 steps could not be done/).waitFor();
  const isBefore = await aside.evaluate((each, other) => Boolean(each.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING), await report.elementHandle());
  check(isBefore, "the answer about the run stands below the report that came after it");
  check((await drafts(page)) === 0, "the draft of an ended request was kept");
}

/** Every stop of the Tab key on the page shows a whole ring, around itself or, for the message box, around its row. */
async function rings(page, where) {
  const seen = new Set();
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press("Tab");
    let found = await page.evaluate(ring);
    if (found?.fault) {
      await page.waitForTimeout(500); // what is still moving comes to rest
      found = await page.evaluate(ring);
    }
    if (found === null) continue;
    if (seen.has(found.path)) break;
    seen.add(found.path);
    check(!found.fault, `${where}, ${found.name}: ${found.fault} (${found.place})`);
  }
  check(seen.size > 10, `${where}, only ${seen.size} elements could be reached`);
}

/** The focused element; `fault` says what is wrong with its ring. Runs in the page. */
function ring() {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const shown = focused.closest(".composer-box") ? focused.closest(".composer-row") : focused;
  const style = getComputedStyle(shown);
  const reach = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
  const box = shown.getBoundingClientRect();
  const clips = (each) => [getComputedStyle(each).overflowX, getComputedStyle(each).overflowY].some((value) => value !== "visible") && each !== document.body;
  const around = [];
  for (let each = shown.parentElement; each && each !== document.documentElement; each = each.parentElement) if (clips(each)) around.push(each.getBoundingClientRect());
  const isCut = around.some((edge) => box.left - reach < edge.left - 1 || box.right + reach > edge.right + 1 || box.top - reach < edge.top - 1 || box.bottom + reach > edge.bottom + 1);
  const path = [];
  for (let each = focused; each.parentElement; each = each.parentElement) path.push([...each.parentElement.children].indexOf(each));
  const isTall = around.some((edge) => box.height + 2 * reach > edge.height);
  const fault = style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2 ? "no ring" : box.width < 8 ? "can't be seen" : isCut && !isTall ? "the ring is cut off" : "";
  return { name: `${focused.tagName} “${(focused.getAttribute("aria-label") ?? focused.textContent).trim().slice(0, 40)}”`, path: path.join("."), fault, place: [box.left, box.top, box.right, box.bottom].map(Math.round).join(" ") };
}
