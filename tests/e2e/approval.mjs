// An unsafe tool waits for a person: deny leaves the card, approve deletes it, everybody sees it go.
import { card, cardIn, column, handOver, openBoard, scenario } from "./browser.mjs";

await scenario(async (person) => {
  const alice = await person("alice");
  const bob = await person("bob");
  await openBoard(alice);
  await openBoard(bob);
  const title = (await column(alice, "To do").locator(".card-title").first().textContent()).trim();
  const number = /#(\d+)/.exec(await cardIn(alice, "To do", title).locator(".card-face").getAttribute("aria-label"))[1];
  await handOver(alice, title, `Delete card #${number}`);
  const approve = alice.getByRole("button", { name: "Approve" }).first();
  await approve.waitFor({ timeout: 60_000 });
  await alice.waitForTimeout(700);
  await approve.click();
  await card(bob, title).waitFor({ state: "detached" });
});
