import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { placeText } from "../../sessions/ui/content";
import { apply, EVENT_TYPES, fromSnapshot, putHistory, putOlder, toSnapshot, type RoomState } from "../../sessions/ui/store";
import type { StreamEvent } from "../../project/ui/wire";
import { ALICE, BOB, call, event, message, output, request, run, session, snapshot, STEP } from "./room_events";

const fold = (state: RoomState, ...events: StreamEvent[]) => events.reduce(apply, state);
const empty = () => fromSnapshot(snapshot());
const running = () => fromSnapshot(snapshot({ runs: [run("r1")] }));

describe("the dispatch table", () => {
  test("knows every session event of the protocol", () => {
    const text = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");
    const section = text.slice(text.indexOf("**Session events**"), text.indexOf("Requests: approval"));
    const rows = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| type"));
    const heads = rows.map((line) => line.split(" | ")[0]!.replace(/\(.*?\)/g, ""));
    const named = heads.flatMap((head) => head.match(/[a-z]+_[a-z]+/g) ?? []);
    expect([...EVENT_TYPES].sort()).toEqual([...new Set(named)].sort());
  });

  test("logs an unknown type and changes nothing", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const state = empty();
    expect(apply(state, event("card_painted", {}))).toBe(state);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  test("leaves the state before an event alone", () => {
    const before = running();
    const copy = structuredClone(before);
    fold(before, event("message_added", { message: message("m1") }), event("agent_thinking", { ...STEP, thought: "Hm. " }));
    expect(before).toEqual(copy);
  });
});

describe("sessions", () => {
  test.each(["session_started", "session_edited", "session_stopped"])("%s replaces the session", (type) => {
    const stopped = session({ status: "stopped", title: "Other" });
    expect(apply(empty(), event(type, { session: stopped, reason: "stopped" })).session).toEqual(stopped);
  });
});

describe("messages", () => {
  const open = message("m1", { role: "assistant", via: "agent", content: "", html: "", complete: false, run: "r1" });

  test("are added, streamed and completed", () => {
    const streaming = fold(
      running(),
      event("message_added", { message: open }),
      event("message_delta", { message: "m1", offset: 0, text: "Three " }),
      event("message_delta", { message: "m1", offset: 6, text: "cards" }),
    );
    expect(streaming.messages["m1"]).toMatchObject({ content: "Three cards", complete: false });
    const final = { ...open, content: "Three cards.", html: "<p>Three cards.</p>", complete: true };
    expect(apply(streaming, event("message_completed", { message: final })).messages["m1"]).toEqual(final);
  });

  test("text that is late for a complete message is ignored", () => {
    const state = fold(empty(), event("message_added", { message: message("m1") }));
    expect(apply(state, event("message_delta", { message: "m1", offset: 0, text: "x" })).messages).toEqual(state.messages);
  });

  test("text for a message that isn't here is ignored", () => {
    expect(apply(empty(), event("message_delta", { message: "m9", offset: 0, text: "x" })).messages).toEqual({});
  });

  test("offsets count code points", () => {
    expect(placeText("👍a", 2, "b")).toBe("👍ab");
    expect(placeText("👍a", 1, "X")).toBe("👍X");
  });

  test("the same piece twice leaves the text as it is", () => {
    expect(placeText(placeText("abc", 3, "def"), 3, "def")).toBe("abcdef");
    expect(placeText("abcdef", 1, "bc")).toBe("abcdef");
  });

  test("clarifier_replied adds what it took to the run it speaks of", () => {
    const usage = { requests: 1, input_tokens: 300, output_tokens: 20, cost_usd: null, tool_calls: 0 };
    const state = fold(empty(), event("run_queued", { run: run("r1", { usage: { ...usage, cost_usd: 0.5 } }) }));
    expect(apply(state, event("clarifier_replied", { message: "m1", about: "r1", usage })).runs["r1"]?.usage).toEqual({
      requests: 2,
      input_tokens: 600,
      output_tokens: 40,
      cost_usd: null,
      tool_calls: 0,
    });
    expect(apply(state, event("clarifier_replied", { message: "m1", about: "elsewhere", usage })).runs).toEqual(state.runs);
  });

  test("clarifier_replied of an older server is a marker only", () => {
    const state = fold(empty(), event("message_added", { message: message("m1") }));
    const { notes: _, ...after } = apply(state, event("clarifier_replied", { message: "m1" }));
    const { notes: __, ...before } = state;
    expect(after).toEqual(before);
  });

  test("older ones go under those that are here", () => {
    const state = fold(empty(), event("message_added", { message: message("m2", { content: "New" }) }));
    const older = putOlder(state, [message("m1"), message("m2", { content: "Stale" })], true);
    expect(older.messages["m2"]?.content).toBe("New");
    expect(Object.keys(older.messages)).toContain("m1");
    expect(older.hasOlder).toBe(true);
  });
});

describe("runs", () => {
  const TYPES = ["queued", "started", "waiting", "cancelling", "completed", "failed", "cancelled"];

  test.each(TYPES)("run_%s carries the whole run", (name) => {
    const told = run("r1", { number: 7 });
    expect(apply(empty(), event(`run_${name}`, { run: told })).runs["r1"]).toEqual(told);
  });

  test("run_resumed carries the run and is remembered with its reason", () => {
    const state = apply(running(), event("run_resumed", { run: run("r1", { attempt: 2 }), reason: "restart" }, 5));
    expect(state.runs["r1"]?.attempt).toBe(2);
    expect(state.notes.runs["r1"]?.resumed).toMatchObject([{ reason: "restart" }]);
  });

  test("run_delayed is remembered until the run does something", () => {
    const data = { run: "r1", reason: "429", try: 2, tries: 5, retry_at: "2026-11-21T12:00:08Z" };
    const delayed = apply(running(), event("run_delayed", data));
    expect(delayed.notes.runs["r1"]?.delay).toEqual({ reason: "429", try: 2, tries: 5, retryAt: Date.parse("2026-11-21T12:00:08Z") });
    expect(apply(delayed, event("agent_thinking", { ...STEP, thought: "On. " })).notes.runs["r1"]?.delay).toBeNull();
  });

  test("whoever asked for a stop is remembered, not the agent that carried it out", () => {
    const stopping = fold(
      running(),
      event("run_cancelling", { run: run("r1", { status: "cancelling" }) }, 1, { actor: BOB }),
      event("run_cancelled", { run: run("r1", { status: "cancelled" }) }, 2),
    );
    expect(stopping.notes.runs["r1"]?.stoppedBy).toBe("bob");
  });

  test("a plan and each finished step tell how far the run is, and steps what they used", () => {
    const usage = { requests: 1, input_tokens: 10, output_tokens: 5, cost_usd: 0.5, tool_calls: 2 };
    const state = fold(
      running(),
      event("plan_made", { ...STEP, output: "o1", subtasks: [{ id: "s1", title: "Count", role: "executor", needs: [], status: "pending" }], progress: { done: 0, total: 1 } }),
      event("agent_started", { ...STEP, role: "executor", message: "Counting" }, 1),
      event("agent_completed", { ...STEP, result: "14", success: true, usage, progress: { done: 1, total: 1 } }, 3),
    );
    expect(state.runs["r1"]).toMatchObject({ progress: { done: 1, total: 1 }, usage });
    expect(state.notes.steps["t1"]).toMatchObject({ role: "executor", success: true });
    expect(state.notes.steps["t1"]!.ended! - state.notes.steps["t1"]!.started).toBe(2000);
  });

  test("one unknown price makes the sum unknown", () => {
    const usage = { requests: 1, input_tokens: 0, output_tokens: 0, cost_usd: null, tool_calls: 0 };
    const state = apply(running(), event("agent_completed", { ...STEP, result: "", success: true, usage }));
    expect(state.runs["r1"]?.usage.cost_usd).toBeNull();
  });
});

describe("thoughts and tool calls", () => {
  test("thoughts keep their order", () => {
    const state = fold(running(), event("agent_thinking", { ...STEP, thought: "One. " }), event("agent_thinking", { ...STEP, thought: "Two. " }));
    expect(state.thoughts.map((thought) => thought.thought).join("")).toBe("One. Two. ");
  });

  const started = { ...STEP, call: "k1", tool_name: "search_cards", title: "Search cards", class: "read", parameters: { query: "late" } };
  const ended = { ...STEP, call: "k1", tool_name: "search_cards", result: "[1]", success: true, status: "completed", summary: "1 card", duration_ms: 12, error: null, truncated: false };

  test("a call is open, then carries its result", () => {
    const open = apply(running(), event("tool_executing", started));
    expect(open.calls["k1"]).toMatchObject({ status: "executing", parameters: { query: "late" }, finished: null, result: null });
    const closed = apply(open, event("tool_completed", ended, 1));
    expect(closed.calls["k1"]).toMatchObject({ status: "completed", success: true, result: "[1]", parameters: { query: "late" } });
    expect(closed.notes.calls["k1"]).toMatchObject({ title: "Search cards", summary: "1 card", duration_ms: 12 });
  });

  test.each([
    ["failed", "failed"],
    ["denied", "denied"],
  ])("a call that was %s says so", (status, shown) => {
    const state = fold(running(), event("tool_executing", started), event("tool_completed", { ...ended, success: false, status }));
    expect(state.calls["k1"]?.status).toBe(shown);
  });

  test("without a status, success decides", () => {
    const { status: _, ...bare } = { ...ended, success: false };
    expect(apply(running(), event("tool_completed", bare)).calls["k1"]?.status).toBe("failed");
  });
});

describe("outputs and requests", () => {
  test("output_added", () => {
    expect(apply(running(), event("output_added", { output: output("o1") })).outputs["o1"]).toEqual(output("o1"));
  });

  test.each(["request_opened", "request_answered", "request_expired"])("%s carries the whole request", (type) => {
    const told = request("q1", { status: "approved", answered_by: BOB });
    expect(apply(running(), event(type, { request: told })).requests["q1"]).toEqual(told);
  });

  test("an answer with other arguments is remembered as changed", () => {
    const open = apply(running(), event("request_opened", { request: request("q1") }));
    const same = apply(open, event("request_answered", { request: request("q1", { status: "approved" }), with_changes: false }));
    const other = apply(open, event("request_answered", { request: request("q1", { status: "approved" }), with_changes: true }));
    expect([same, other].map((state) => state.notes.requests["q1"]?.changed)).toEqual([false, true]);
  });
});

describe("snapshots", () => {
  const full = snapshot({
    messages: [message("m1")],
    runs: [run("r1")],
    outputs: [output("o1")],
    tool_calls: [call("k1")],
    thoughts: [{ id: "h1", run: "r1", step: "t1", agent: "robo", thought: "Hm.", created: "2026-11-21T12:00:00Z" }],
    requests: [request("q1")],
  });

  test("come back as they were", () => {
    expect(toSnapshot(fromSnapshot(full))).toEqual(full);
  });

  test("lists are in order whatever the digits of their times", () => {
    const late = message("m1", { created: "2026-11-21T12:00:00.500Z" });
    const early = message("m2", { created: "2026-11-21T12:00:00Z" });
    expect(toSnapshot(fromSnapshot(snapshot({ messages: [late, early] }))).messages.map(({ id }) => id)).toEqual(["m2", "m1"]);
  });

  test("after a reset older messages that were shown stay", () => {
    const before = putOlder(fromSnapshot(full), [message("m0", { created: "2026-11-20T12:00:00Z" })], false);
    const after = fromSnapshot(full, true, before);
    expect(Object.keys(after.messages)).toEqual(["m0", "m1"]);
    expect(after.hasOlder).toBe(false);
  });
});

describe("history", () => {
  test("tells of steps begun before the snapshot, and never undoes what came live", () => {
    const live = apply(running(), event("agent_completed", { ...STEP, result: "", success: true, usage: undefined }, 9));
    const history = [event("agent_started", { ...STEP, role: "executor", message: "Go" }, 1), event("agent_started", { ...STEP, step: "t0", subtask: null, role: "planner", message: "Plan" }, 0)];
    const state = putHistory(live, history);
    expect(state.notes.steps["t0"]?.role).toBe("planner");
    expect(state.notes.steps["t1"]).toMatchObject({ success: true, role: "executor" });
    expect(state.notes.steps["t1"]!.ended! - state.notes.steps["t1"]!.started).toBe(8000);
  });

  test("a resumption told twice is kept once", () => {
    const resumed = event("run_resumed", { run: run("r1"), reason: "restart" }, 3);
    expect(putHistory(apply(running(), resumed), [resumed]).notes.runs["r1"]?.resumed).toHaveLength(1);
  });
});

test("people who speak are no business of notes", () => {
  const state = apply(running(), event("message_added", { message: message("m1", { author: ALICE }) }, 1, { actor: ALICE }));
  expect(state.notes.signs).toEqual({});
});
