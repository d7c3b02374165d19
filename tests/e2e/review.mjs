// A plan is reviewed before the work begins: a step reworded, one taken away, one added; then the edited plan is carried out.
import { card, check, openBoard, scenario } from "./browser.mjs";

const WISH = "Analyse the stock performance of Apple, Google and Tesla over the last months and summarise the key findings";

await scenario(async (person) => {
  const alice = await person("alice");
  await openBoard(alice);
  await card(alice, "three share prices").locator(".card-face").click();
  await alice.getByLabel("Review the plan before the work begins").check();
  await alice.getByLabel(/What should come out of it/).fill(WISH);
  await alice.getByRole("button", { name: "Hand to agents" }).click();
  await alice.getByText("Answer in the room").first().click({ timeout: 60_000 });

  const steps = alice.getByRole("list", { name: "Steps of the plan" }).getByRole("group", { name: /^Step \d$/ });
  await steps.nth(2).waitFor();
  await alice.getByRole("button", { name: "Remove step 2" }).click();
  await alice.getByRole("textbox", { name: "Step 1", exact: true }).fill("Analyse Apple alone");
  await alice.getByText("was: Analyse Apple").waitFor();
  await alice.getByRole("button", { name: "Add a step" }).click();
  await alice.getByText("Say what is to be done.").waitFor();
  check(await alice.getByRole("button", { name: "Approve with changes" }).isDisabled(), "a step without words could be approved");
  await alice.getByRole("textbox", { name: "Step 3", exact: true }).fill("What is overdue?");
  await alice.screenshot({ path: `${process.env.SHOTS}/plan.png` });
  await alice.getByRole("button", { name: "Approve with changes" }).click();
  await alice.getByText("You approved with changes").waitFor();

  await alice.getByRole("button", { name: "Copy as Markdown" }).first().waitFor({ timeout: 60_000 });
  const plan = await alice.getByRole("list", { name: "Plan, 3 steps" }).filter({ visible: true }).first().innerText();
  for (const step of ["Analyse Apple alone", "Analyse Tesla", "What is overdue?"]) check(plan.includes(step), `the plan lacks "${step}": ${plan}`);
  check(!plan.includes("Google"), "the step that was taken away is still there");

  // To pick an agent as assignee hands the card over.
  await alice.getByRole("button", { name: "Close the room" }).click();
  await alice.keyboard.press("Escape");
  await card(alice, "Landing page").locator(".card-face").click();
  await alice.locator("[data-field=assignee]").selectOption({ label: "robo" });
  await alice.getByRole("region", { name: "Agents" }).getByText("Open room").waitFor();
});
