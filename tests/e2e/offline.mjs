// The network goes and comes back: a move made meanwhile waits, and both windows agree afterwards.
import { cardIn, column, drag, live, openBoard, scenario } from "./browser.mjs";

await scenario(async (person) => {
  const alice = await person("alice");
  const bob = await person("bob");
  await openBoard(alice);
  await openBoard(bob);
  const titles = await column(bob, "To do").locator(".card-title").allTextContents();
  const [mine, theirs] = titles.map((title) => title.trim());

  await bob.context().setOffline(true);
  await bob.evaluate(() => window.dispatchEvent(new Event("offline")));
  await bob.getByRole("status").filter({ hasText: /Offline/ }).first().waitFor({ timeout: 60_000 });
  await drag(alice, theirs, "Done");
  await cardIn(alice, "Done", theirs).waitFor();
  await drag(bob, mine, "In progress");

  await bob.context().setOffline(false);
  await bob.evaluate(() => window.dispatchEvent(new Event("online")));
  await live(bob);
  await cardIn(bob, "Done", theirs).waitFor();
  await cardIn(alice, "In progress", mine).waitFor();
  await cardIn(bob, "In progress", mine).waitFor();
});
