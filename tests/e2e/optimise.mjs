// A project given to optimise: from a card, from a new room; the room names it, and Stop ends what had been started.
import { card, check, openBoard, scenario } from "./browser.mjs";

await scenario(async (person) => {
  const alice = await person("alice");
  await openBoard(alice);
  await card(alice, "Landing page").locator(".card-face").click();
  const form = alice.locator("form", { has: alice.getByRole("button", { name: "Hand to agents" }) });
  await form.getByLabel("Workflow").selectOption("optimise");
  const workspace = form.getByLabel("Workspace");
  await workspace.locator("option", { hasText: "slow_orders" }).waitFor({ state: "attached" });
  await workspace.selectOption("slow_orders");
  await form.getByLabel(/What should come out of it/).fill("Only the list of orders.");
  await form.getByRole("button", { name: "Hand to agents" }).click();
  await alice.getByText("Open room").first().click();
  const room = alice.getByRole("article", { name: /Run 1/ });
  await alice.getByText("Workspace: slow_orders").first().waitFor();
  await room.getByText(/Round 1 of \d+: playing the scenarios/).waitFor();
  await room.getByText(/Playing scenarios\/.*ws\.yaml/).first().waitFor({ timeout: 60_000 });
  await alice.getByRole("button", { name: "Stop", exact: true }).first().click();
  await room.getByText(/stopped this run/).waitFor();
  check((await room.getByText(/Round 1 of \d+: measuring/).count()) === 0, "it went on after it was stopped");
  await alice.keyboard.press("Escape");
  await alice.keyboard.press("Escape");

  await alice.getByRole("button", { name: "Board menu" }).click();
  await alice.getByRole("menuitem", { name: /Rooms/ }).click();
  await alice.getByText("Title, way of working, instructions").click();
  await alice.getByLabel("Way of working").selectOption("optimise");
  const choice = alice.getByRole("dialog").getByLabel("Workspace");
  await choice.locator("option", { hasText: "slow_board" }).waitFor({ state: "attached" });
  await choice.selectOption("slow_board");
  await alice.getByRole("button", { name: "New room" }).click();
  await alice.getByRole("button", { name: "Make it meet its budgets" }).click();
  await room.getByText("Copying slow_board").waitFor();
  await alice.getByRole("button", { name: "Stop", exact: true }).first().click();
  await alice.getByText(/stopped this run/).last().waitFor();
});
