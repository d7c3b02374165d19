// A card handed to agents in front of two people: the five events in both windows, a status question, a reload in the
// middle, the report, and a refinement of it.
import { base, check, handOver, openBoard, scenario } from "./browser.mjs";

await scenario(async (person) => {
  const alice = await person("alice");
  const bob = await person("bob");
  const seen = { alice: new Set(), bob: new Set() };
  for (const [name, page] of [["alice", alice], ["bob", bob]]) {
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => {
        for (const [, type] of String(payload).matchAll(/"type":"(agent_started|agent_thinking|tool_executing|tool_completed|agent_completed)"/g))
          seen[name].add(type);
      }),
    );
  }
  await openBoard(alice);
  await openBoard(bob);
  const wish = "Analyse the stock performance of Apple, Google and Tesla over the last months and summarise the key findings";
  const session = await handOver(alice, "three share prices", wish);
  await say(alice, "What is the current status?");
  await alice.getByText("Alongside the run").first().waitFor();

  // What happens while a page loads is in its snapshot and not on its socket: all five have to be seen before.
  const five = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"];
  const missing = (name) => five.filter((type) => !seen[name].has(type));
  for (let tries = 0; missing("alice").length && tries < 300; tries += 1) await alice.waitForTimeout(100);

  // A reload in the middle of the run: the room comes back beside the board, and on its own page goes on where it was.
  await alice.reload();
  await alice.getByText("Alongside the run").first().waitFor();
  await alice.goto(`${base}/sessions/${session}/`);
  await alice.getByText("Alongside the run").first().waitFor();
  await alice.getByRole("button", { name: "Copy as Markdown" }).first().waitFor({ timeout: 60_000 });
  for (const company of ["Apple", "Google", "Tesla"]) await alice.getByText(company).filter({ visible: true }).first().waitFor();
  await alice.getByText(/no language model/i).filter({ visible: true }).first().waitFor();

  for (const name of ["alice", "bob"]) check(missing(name).length === 0, `${name} did not see ${missing(name)}`);

  await say(alice, "Rewrite the summary to focus only on Tesla's volatility");
  await alice.getByText(/refines Run 1/).first().waitFor();
  await alice.getByText(/Run 2/).first().waitFor();
  await alice.getByRole("button", { name: "Copy as Markdown" }).first().waitFor({ timeout: 60_000 });
});

async function say(page, text) {
  const composer = page.locator("textarea").last();
  await composer.fill(text);
  await composer.press("Enter");
}
