// The console by keyboard alone: a new session, a message, the five events, a frame that is refused, a wrong one that isn't sent; then 375 px.
import { base, check, scenario } from "./browser.mjs";

await scenario(async (person) => {
  const alice = await person("alice");
  await alice.getByRole("button", { name: "Account of alice" }).click();
  await alice.getByRole("menuitem", { name: "Console" }).click();
  await alice.waitForURL(`${base}/console/`);
  const status = alice.getByRole("status").filter({ hasText: /connected|closed/i });
  await status.filter({ hasText: "Not connected" }).waitFor();
  const send = alice.getByRole("button", { name: "Send", exact: true });
  check(await send.isDisabled(), "sending needs a connection");

  await alice.getByLabel("Session").focus();
  await alice.keyboard.press("Enter");
  await status.filter({ hasText: /^Connected/ }).waitFor();
  const frame = alice.getByLabel("Frame", { exact: true });
  await frame.focus();
  await alice.keyboard.press("Control+Enter");
  const log = alice.getByRole("log");
  await log.getByText("hello").first().waitFor();
  await alice.getByLabel("Template").evaluate((select) => (select.value === "send_user_message" ? null : Promise.reject(new Error(select.value))));

  await frame.fill('{"type": "send_user_message", "data": {"content": "What is 17 * 23?"}}');
  await frame.focus();
  await alice.keyboard.press("Control+Enter");
  for (const type of ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed", "run_completed"])
    await log.getByText(type, { exact: true }).first().waitFor();

  await alice.getByLabel("Type", { exact: true }).fill("tool_");
  check((await log.locator(".console-row").count()) === 2, "the filter leaves the two tool events");
  await log.getByText("tool_completed", { exact: true }).click();
  await log.getByText('"success": true').waitFor();
  await alice.getByLabel("Type", { exact: true }).fill("");

  await frame.fill('{"type": "cancel_run", "data": {"run": "no id"}}');
  await send.click();
  await log.getByText("error", { exact: true }).waitFor();
  await frame.fill('{"type": ');
  await alice.getByText(/isn't JSON/).waitFor();
  check(await send.isDisabled(), "a text that is no frame can't be sent");

  await alice.setViewportSize({ width: 375, height: 740 });
  const wide = await alice.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= 375, `the page is ${wide} px wide at 375`);
  await alice.getByRole("button", { name: "Disconnect" }).click();
  await status.filter({ hasText: "Closed (1000)" }).waitFor();
  await alice.getByLabel("Session").fill("twelve");
  await alice.getByText("An id in lower case, or new.").waitFor();
  check(await alice.getByRole("button", { name: "Connect", exact: true }).isDisabled(), "no address, no connection");
});
