// A request is found from another page and approved in the inbox with an edit; whoever has it open too reads who was first.
import { base, card, cardIn, check, handOver, live, openBoard, scenario } from "./browser.mjs";

const OTHER = "Price list for shops that resell";

await scenario(async (person) => {
  const alice = await person("alice");
  const bob = await person("bob");
  await openBoard(alice);
  const face = await card(alice, OTHER).locator(".card-face").getAttribute("aria-label");
  const number = /#(\d+)/.exec(face)[1];
  await handOver(alice, "Old banner", "Delete this card");

  // The count is in the header and the title of every page, and `g i` leads to the inbox.
  await bob.getByRole("link", { name: "Inbox, 1 request waiting for you" }).waitFor({ timeout: 60_000 });
  check((await bob.title()) === "(1) Boards · Workroom", `the title says "${await bob.title()}"`);
  await bob.keyboard.press("g");
  await bob.keyboard.press("i");
  await bob.waitForURL(/\/inbox\//);
  await live(bob);
  await alice.goto(`${base}/inbox/`);
  await live(alice);
  await alice.getByRole("region", { name: "Waiting for you" }).getByText("Launch · #").waitFor();

  // Without a connection it can be read, not answered.
  const approve = bob.getByRole("button", { name: /^Approve/ });
  await bob.context().setOffline(true);
  await bob.getByText("Needs a connection").waitFor();
  check(await approve.isDisabled(), "offline, a request could be approved");
  await bob.context().setOffline(false);
  await live(bob);

  // An edit that breaks the schema is named under its field; one that doesn't changes what is done.
  await bob.getByRole("textbox", { name: "Number" }).fill("many");
  await bob.getByText("Write a number.").waitFor();
  check(await approve.isDisabled(), "arguments that break the schema could be approved");
  await bob.getByRole("textbox", { name: "Number" }).fill(number);
  await bob.getByRole("textbox", { name: "Title" }).fill(OTHER);
  await bob.getByText("was: Old banner").waitFor();
  await pictures(bob);
  await bob.getByRole("button", { name: "Approve with changes" }).click();
  await bob.getByText("You approved with changes").first().waitFor();
  await bob.getByRole("link", { name: "Inbox", exact: true }).waitFor();
  check((await bob.title()) === "Inbox · Workroom", `the title still says "${await bob.title()}"`);

  // Alice's row says so where it was, and moves ten seconds later.
  await alice.getByRole("region", { name: "No longer waiting for you" }).getByText("Bob approved with changes").waitFor();
  await alice.getByRole("region", { name: "Answered today" }).getByText("Bob approved with changes").waitFor();
  await alice.getByText("Nothing is waiting for you.").waitFor();

  await bob.keyboard.press("g");
  await bob.keyboard.press("b");
  await openBoard(bob);
  await card(bob, OTHER).waitFor({ state: "detached" });
  await cardIn(bob, "To do", "Old banner").waitFor();
});

/** Dark and narrow: the same request alone on the screen. What was typed stays. */
async function pictures(page) {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: `${process.env.SHOTS}/dark.png` });
  await page.setViewportSize({ width: 375, height: 740 });
  await page.getByRole("button", { name: "Inbox" }).waitFor();
  await page.screenshot({ path: `${process.env.SHOTS}/phone.png` });
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1440, height: 900 });
}
