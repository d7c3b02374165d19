import { describe, expect, test } from "vitest";
import { addActivity, NO_ACTIVITY } from "../../boards/ui/activity";
import { activeCount, matches, NO_FILTERS } from "../../boards/ui/filters";
import { columnName, countText, wipState } from "../../boards/ui/limits";
import { runWords } from "../../boards/ui/runs";
import { summarise } from "../../boards/ui/summary";
import type { AgentActivity, Card, CardRun } from "../../boards/ui/types";
import { activitySentence, withNewest, withoutRepeats } from "../../boards/ui/panel/activity_words";
import { firstLines } from "../../boards/ui/panel/ReportPreview";
import { CommandError } from "../../project/ui/errors";
import { explain } from "../../project/ui/microcopy";
import { clock, dateLabel, dueState, initials, length, ordinal, relative } from "../../project/ui/text";
import type { StreamEvent, User } from "../../project/ui/wire";

const BOB: User = { id: "b", username: "bob", kind: "human" };

function event(type: string, data: Record<string, unknown> = {}, actor: User | null = BOB): StreamEvent {
  return { type, seq: 1, id: `${type}1`, stream: "board:1", timestamp: 1, actor, ref: null, data };
}

describe("text", () => {
  test.each([
    [1, "1st"],
    [2, "2nd"],
    [3, "3rd"],
    [4, "4th"],
    [11, "11th"],
    [12, "12th"],
    [21, "21st"],
    [112, "112th"],
  ])("%i is %s", (n, word) => expect(ordinal(n)).toBe(word));

  test("length counts code points", () => expect(length("a👩b")).toBe(3));
  test("initials", () => expect([initials("alice"), initials("mary ann")]).toEqual(["al", "ma"]));
  test("clock", () => expect([clock(31_000), clock(725_000), clock(3_723_000)]).toEqual(["0:31", "12:05", "1:02:03"]));

  test("due dates compare by calendar day", () => {
    expect(["2026-11-20", "2026-11-21", "2026-11-22"].map((due) => dueState(due, "2026-11-21"))).toEqual(["overdue", "today", "later"]);
    expect(dateLabel("2027-01-03", "2026-11-21")).toBe("3 Jan 2027");
    expect(dateLabel("2026-12-03", "2026-11-21")).toBe("3 Dec");
  });

  test("relative time", () => {
    const now = Date.parse("2026-11-21T12:00:00Z");
    expect(relative(now - 10_000, now)).toBe("just now");
    expect(relative(now - 240_000, now)).toBe("4 minutes ago");
    expect(relative(now + 2 * 86_400_000, now)).toBe("in 2 days");
    expect(relative(now - 30 * 86_400_000, now)).toBe("22 Oct");
  });
});

describe("limits", () => {
  test.each([
    [2, null, "open", "2"],
    [2, 3, "open", "2 / 3"],
    [3, 3, "full", "3 / 3"],
    [4, 3, "over", "4 / 3"],
  ] as const)("%i cards of %s", (count, limit, state, text) => {
    expect(wipState(count, limit)).toBe(state);
    expect(countText(count, limit)).toBe(text);
  });

  test("the list's name", () => {
    expect(columnName("Review", 3, 5)).toBe("Review, 3 of 5 cards");
    expect(columnName("Review", 1, null)).toBe("Review, 1 card");
  });
});

describe("filters", () => {
  const card = { title: "Landing page", number: 12, assignee: BOB, labels: ["web"], due: "2026-11-25" } as Card;
  const day = "2026-11-21";
  const fits = (patch: Partial<typeof NO_FILTERS>) => matches(card, { ...NO_FILTERS, ...patch }, false, day);

  test("none lets everything through", () => {
    expect(activeCount(NO_FILTERS)).toBe(0);
    expect(fits({})).toBe(true);
  });
  test("text or number", () => expect([fits({ text: "landing" }), fits({ text: "#12" }), fits({ text: "#1" })]).toEqual([true, true, false]));
  test("assignee", () => expect([fits({ assignee: "b" }), fits({ assignee: "none" })]).toEqual([true, false]));
  test("label", () => expect([fits({ label: "web" }), fits({ label: "print" })]).toEqual([true, false]));
  test("due", () => {
    expect([fits({ due: "week" }), fits({ due: "overdue" }), fits({ due: "none" })]).toEqual([true, false, false]);
    expect(matches({ ...card, due: null }, { ...NO_FILTERS, due: "none" }, false, day)).toBe(true);
    expect(matches({ ...card, due: null }, { ...NO_FILTERS, due: "week" }, false, day)).toBe(false);
  });
  test("a finished card is not overdue", () => {
    const late = { ...card, due: "2026-11-01" };
    expect(matches(late, { ...NO_FILTERS, due: "overdue" }, false, day)).toBe(true);
    expect(matches(late, { ...NO_FILTERS, due: "overdue" }, true, day)).toBe(false);
  });
});

describe("a card's run", () => {
  const run: CardRun = {
    id: "r",
    session: "s",
    agent: { id: "x", username: "robo", kind: "agent" },
    status: "running",
    progress: { done: 1, total: 4 },
    position: null,
    open_requests: 0,
    retry_at: null,
    finished: null,
  };
  const now = Date.parse("2026-11-21T12:00:00Z");
  const text = (patch: Partial<CardRun>) => runWords({ ...run, ...patch }, now)?.text ?? null;

  test("says where it stands", () => {
    expect(text({})).toBe("Robo · step 2 of 4");
    expect(text({ progress: { done: 4, total: 4 } })).toBe("Robo · step 4 of 4");
    expect(text({ progress: { done: 0, total: 0 } })).toBe("Robo · starting");
    expect(text({ status: "queued", position: 2 })).toBe("Queued, 2nd in line");
    expect(text({ status: "waiting" })).toBe("Needs an answer");
    expect(text({ retry_at: "2026-11-21T12:00:08Z" })).toBe("Model busy, next try in 8 s");
    expect(text({ status: "failed" })).toBe("Failed");
    expect(text({ status: "cancelled" })).toBeNull();
  });

  test("shows a report for a day", () => {
    expect(text({ status: "completed", finished: "2026-11-21T11:00:00Z" })).toBe("Report ready");
    expect(text({ status: "completed", finished: "2026-11-20T11:00:00Z" })).toBeNull();
  });
});

describe("agents' activity", () => {
  const frame = (type: string, data: Record<string, unknown>): AgentActivity => ({ session: "s", run: "r", card: "c", event: event(type, data) });

  test("is one line per event, once", () => {
    const once = addActivity(NO_ACTIVITY, frame("tool_executing", { agent: "robo", tool_name: "search_cards", title: "Search cards" }));
    expect(once.byCard["c"]).toMatchObject({ agent: "robo", text: "Uses Search cards" });
    expect(addActivity(once, frame("tool_executing", {}))).toBe(once);
  });

  test.each([
    ["agent_started", { message: "Reading #12" }, "Reading #12"],
    ["agent_thinking", { thought: "First line\nsecond" }, "First line"],
    ["tool_completed", { tool_name: "search_cards", summary: "14 cards" }, "search_cards: 14 cards"],
    ["tool_completed", { tool_name: "move_card", success: false, summary: "Review is full" }, "move_card failed: Review is full"],
    ["agent_completed", { result: "# Findings\n**3 cards**" }, "Findings"],
    ["agent_completed", { result: "" }, "Finished a step"],
    ["agent_completed", { success: false, error: { code: "unavailable", message: "The model isn't answering." } }, "Failed: The model isn't answering."],
    ["agent_completed", { success: false, error: { code: "cancelled", message: "The run was stopped." } }, "Stopped"],
    ["tool_completed", { title: "Delete a card", success: false, summary: "Denied by alice.", error: { code: "denied" } }, "Delete a card: Denied by alice."],
  ])("%s", (type, data, text) => expect(addActivity(NO_ACTIVITY, frame(type, data)).lines[0]?.text).toBe(text));

  test("what a person stopped is no failure", () => {
    const failed = (code: string) => addActivity(NO_ACTIVITY, frame("agent_completed", { success: false, error: { code, message: "" } })).lines[0]?.failed;
    expect([failed("cancelled"), failed("unavailable")]).toEqual([false, true]);
  });

  test("a tool keeps the title it started under", () => {
    const started = addActivity(NO_ACTIVITY, frame("tool_executing", { call: "1", tool_name: "search_cards", title: "Search cards" }));
    const done = addActivity(started, frame("tool_completed", { call: "1", tool_name: "search_cards", summary: "14 cards", success: true }));
    expect(done.byCard["c"]).toMatchObject({ text: "Search cards: 14 cards", failed: false });
  });

  test("other events of the session stay in its room", () => {
    expect(addActivity(NO_ACTIVITY, frame("message_delta", {}))).toBe(NO_ACTIVITY);
  });
});

describe("sentences", () => {
  test("others' changes are gathered", () => {
    const robo: User = { id: "r", username: "robo", kind: "agent" };
    const events = [event("card_moved"), event("card_moved"), event("card_created", {}, robo), event("run_changed")];
    expect(summarise(events)).toBe("bob moved 2 cards. robo added 1 card.");
  });

  test("history tells once how a run stands", () => {
    const told = (id: string, status: string) => event("run_changed", { run: { id, status } });
    const running = told("a", "running");
    const events = [told("a", "completed"), told("a", "running"), event("comment_added"), told("a", "running"), running, told("a", "queued")];
    expect(withoutRepeats(events)).toEqual([events[0], events[2], running, events[5]]);
    expect(withoutRepeats([told("b", "running"), told("a", "running")])).toHaveLength(2);
  });

  test("history keeps what the reader has opened of it, unless events are missing between that and the newest", () => {
    const page = (ids: number[], next: string | null) => ({ results: ids.map((id) => ({ ...event("card_moved"), id: String(id) })), next });
    const opened = page([5, 4, 3, 2, 1], null);
    expect(withNewest(page([6, 5, 4], "after 4"), opened)).toEqual(page([6, 5, 4, 3, 2, 1], null));
    expect(withNewest(page([9, 8, 7], "after 7"), opened)).toEqual(page([9, 8, 7], "after 7"));
    expect(withNewest(opened, null)).toBe(opened);
  });

  test("history names the columns", () => {
    const columns = { x: { id: "x", board: "1", name: "To do", rank: 1, wip_limit: null } };
    expect(activitySentence(event("card_moved", { column: "gone", from_column: "x" }), columns)).toBe("moved it from To do to a column that is gone");
    expect(activitySentence(event("card_moved", { column: "x", from_column: "x" }), columns)).toBe("moved it within To do");
  });

  test("an edit is told by what it changed", () => {
    const before = { title: "Page", description: "", assignee: null, due: null, labels: [], checklist: [] };
    const after = { ...before, title: "Landing page", due: "2026-12-03" };
    const edit = event("card_edited", { card: after });
    expect(activitySentence(edit, {}, [event("card_moved", { card: "id" }), event("card_created", { card: before })])).toMatch(/^renamed it from "Page", set the due date to 3 Dec/);
    expect(activitySentence(edit, {})).toBe("edited it");
  });

  test("a report's first lines come without headings and marks", () => {
    const report = "# Report\n\n## Key findings\n\n**Two cards** are late.\n\n---\n- [Stickers](/x) since `Monday`\n| a | b |\n|---|---|\n";
    expect(firstLines(report)).toEqual(["Two cards are late.", "Stickers since Monday", "| a | b |"]);
  });

  test("refusals say what to do", () => {
    const full = new CommandError({ code: "wip_limit", message: "", data: { column: { name: "Review" }, limit: 5, count: 5 } });
    expect(explain(full)).toBe("Review is full (5 of 5). Move a card out or ask an owner to raise the limit.");
    expect(explain(new CommandError({ code: "rate_limited", message: "", data: { retry_after_s: 12 } }))).toContain("12 seconds");
    expect(explain(new CommandError({ code: "invalid", message: "Invalid", fields: { title: ["Too long."] } }))).toBe("Too long.");
    expect(explain(new CommandError({ code: "too_large", message: "" }), { text: "abc", limit: 2 })).toBe("That's too long: 3 of 2 characters.");
  });
});
