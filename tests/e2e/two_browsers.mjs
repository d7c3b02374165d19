// Two people on one board: a drag in one window is seen in the other; a full column refuses and says why.
import { card, cardIn, check, column, drag, openBoard, scenario } from "./browser.mjs";

await scenario(async (person) => {
  const alice = await person("alice");
  const bob = await person("bob");
  await openBoard(alice);
  await openBoard(bob);
  const title = (await column(bob, "To do").locator(".card-title").first().textContent()).trim();

  await drag(bob, title, "Done");
  await cardIn(alice, "Done", title).waitFor();
  await cardIn(bob, "Done", title).waitFor();

  const second = (await column(bob, "To do").locator(".card-title").first().textContent()).trim();
  await drag(bob, second, "Review");
  await cardIn(bob, "To do", second).waitFor();
  await bob.waitForTimeout(500);
  check((await cardIn(bob, "Review", second).count()) === 0, "a full column took a card");

  // The same by keyboard, without a pointer.
  await card(alice, second).locator(".card-face").focus();
  await alice.keyboard.press("Shift+ArrowRight");
  await cardIn(bob, "In progress", second).waitFor();
});
