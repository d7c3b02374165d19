// The network goes and comes back: a move made meanwhile waits, a refused card is told of, and both windows agree afterwards.
import { cardIn, check, column, drag, live, openBoard, scenario } from "./browser.mjs";

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
  await column(bob, "Review").getByRole("button", { name: "Add a card to Review" }).click();
  await bob.keyboard.type("One too many\n");
  await bob.keyboard.press("Escape");

  await bob.context().setOffline(false);
  await bob.evaluate(() => window.dispatchEvent(new Event("online")));
  await live(bob);
  await bob.getByText(/^Not added: Review is full/).first().waitFor();
  await column(bob, "Review").getByRole("button", { name: "Add a card to Review" }).click();
  await bob.getByRole("textbox", { name: /new card in Review/ }).and(bob.locator(":focus")).waitFor();
  check((await bob.locator(":focus").inputValue()) === "One too many", "a refused card's title was lost");
  await bob.keyboard.press("Escape");
  await cardIn(bob, "Done", theirs).waitFor();
  await cardIn(alice, "In progress", mine).waitFor();
  await cardIn(bob, "In progress", mine).waitFor();
});
