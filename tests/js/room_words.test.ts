import { describe, expect, test } from "vitest";
import { countWords, fateOf, isTooLong, keyMeaning, messageData, placeholder, type Key } from "../../sessions/ui/composing";
import { isNear } from "../../sessions/ui/follow";
import { addPending, dropAccepted, patchPending, settlePending } from "../../sessions/ui/pending";
import { classWords, decisionWords, expiryWords, isUrgent, lostWords, outcomeWords, titleWords } from "../../sessions/ui/request_words";
import {
  attemptWords,
  cancelledWords,
  delayWords,
  duration,
  elapsed,
  foldedLine,
  isNearlyUsed,
  failureWords,
  metersOf,
  queueWords,
  relationOf,
  resumedWords,
  runTitle,
  stepWords,
  usageSoFar,
  usageWords,
} from "../../sessions/ui/run_words";
import { sentenceOf } from "../../sessions/ui/speech";
import { mainArgument, outcomeOf, parametersOf, resultOf, toolTitle } from "../../sessions/ui/tool_words";
import { hiddenMarks, visible } from "../../sessions/ui/visible";
import { ALICE, BOB, call, event, message, request, ROBO, run, session, STEP } from "./room_events";

const NOW = Date.parse("2026-11-21T12:01:00Z");
const key = (name: string, more: Partial<Key> = {}): Key => ({ key: name, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, keyCode: 13, ...more });

describe("keys of the composer", () => {
  test.each([
    ["Enter sends", key("Enter"), false, "send"],
    ["Shift+Enter breaks the line", key("Enter", { shiftKey: true }), false, null],
    ["Ctrl+Enter always sends", key("Enter", { ctrlKey: true }), true, "send"],
    ["Cmd+Enter always sends", key("Enter", { metaKey: true, shiftKey: true }), true, "send"],
    ["Enter breaks the line on coarse pointers", key("Enter"), true, null],
    ["Enter that ends a composition sends nothing", key("Enter", { isComposing: true }), false, null],
    ["nor where only the key code tells of it", key("Enter", { keyCode: 229 }), false, null],
    ["Esc leaves", key("Escape"), false, "leave"],
    ["other keys are text", key("a"), false, null],
  ])("%s", (_, pressed, coarse, meaning) => expect(keyMeaning(pressed, coarse)).toBe(meaning));
});

describe("the box", () => {
  test("invites to what can be done", () => {
    expect(placeholder(session(), null)).toMatch(/^Ask the agents/);
    expect(placeholder(session({ phase: "refinement_ready" }), null)).toBe("Refine it, for example: only the overdue cards");
    expect(placeholder(session(), run("r1"))).toMatch(/^Ask about the run/);
  });

  test("says how a message is meant", () => {
    expect(messageData("Hi", null, session())).toEqual({ content: "Hi" });
    expect(messageData("Hi", "queue", session())).toEqual({ content: "Hi", during_run: "queue" });
    expect(messageData("Hi", "fresh", session())).toEqual({ content: "Hi", workflow: "resolve" });
    expect(messageData("Hi", "queue", session(), "high")).toEqual({ content: "Hi", during_run: "queue", reasoning_effort: "high" });
  });

  test("counts near the limit, by code points", () => {
    expect(countWords("a".repeat(13_999))).toBeNull();
    expect(countWords("👍".repeat(14_000))).toBe("14,000 of 16,000 characters");
    expect(countWords("a".repeat(16_001))).toBe("That's too long: 16,001 of 16,000 characters.");
    expect(isTooLong("👍".repeat(16_000))).toBe(false);
  });
});

describe("what became of a message", () => {
  const runs = { r2: run("r2", { number: 2, status: "cancelled" }), r3: run("r3", { number: 3, status: "queued", position: 2 }) };

  test("asked while a run is active, whether the run or the board answers it", () => {
    const asked = message("m1", { handled_by: "clarifier" });
    expect(fateOf(asked, runs, { m1: asked })).toBe("Being answered alongside the run…");
    const reply = message("m2", { via: "clarifier", role: "assistant", created: "2026-11-21T12:00:01Z" });
    expect(fateOf(asked, runs, { m1: asked, m2: reply })).toBe("Answered alongside the run");
  });

  test("in line, and next", () => {
    const queued = message("m1", { handled_by: "queue", run: "r3" });
    expect(fateOf(queued, runs, {})).toBe("Queued, 2nd in line");
    expect(fateOf(queued, { r3: run("r3", { status: "queued", position: 1 }) }, {})).toBe("Queued, next");
  });

  test("interrupted the run before its own", () => {
    expect(fateOf(message("m1", { handled_by: "interrupt", run: "r3" }), runs, {})).toBe("Interrupted Run 2");
  });

  test("once queued, now a run", () => expect(fateOf(message("m1", { handled_by: "queue", run: "r2" }), runs, {})).toBe("Was queued, became Run 2"));

  test("nothing to say of one that simply ran", () => expect(fateOf(message("m1", { run: "r2" }), runs, {})).toBeNull());
});

describe("pending messages", () => {
  const list = addPending([], { ref: "x", content: "Hi", way: null, sentAt: 0 });

  test("leave with the event that carries their ref", () => {
    expect(settlePending(list, [event("message_added", { message: message("m1") }, 0, { ref: "y" })])).toHaveLength(1);
    expect(settlePending(list, [event("message_added", { message: message("m1") }, 0, { ref: "x" })])).toEqual([]);
  });

  test("that were taken are in a new picture, others stay", () => {
    expect(dropAccepted(list)).toHaveLength(1);
    expect(dropAccepted(patchPending(list, "x", { isAccepted: true }))).toEqual([]);
  });
});

describe("runs in words", () => {
  const done = run("r1", { status: "completed", finished: "2026-11-21T12:00:48Z" });

  test("title and folded line", () => {
    expect(runTitle(run("r2", { number: 2 }))).toBe("Run 2 · Resolve · Robo");
    expect(foldedLine(done, { done: 4, total: 4 })).toBe("Run 1 · completed · 4 steps · 0:48");
  });

  test("steps", () => {
    expect([{ done: 0, total: 0 }, { done: 1, total: 4 }, { done: 4, total: 4 }].map(stepWords)).toEqual([null, "Step 2 of 4", "Writing the report"]);
  });

  test("relations", () => {
    const runs = { r1: done };
    expect(relationOf(run("r2", { relation: "retry", parent: "r1" }), runs)).toBe("Retry of Run 1");
    expect(relationOf(run("r2", { relation: "refinement", parent: "r1" }), runs)).toBe("refines Run 1");
    expect(relationOf(done, runs)).toBeNull();
  });

  test("a place in line", () => {
    expect(queueWords(run("r2", { status: "queued", position: 1 }), done)).toBe("Waiting for Run 1 · 1st in line");
    expect(queueWords(run("r2", { status: "queued", position: 1 }), null)).toBe("Robo is reading…");
    expect(queueWords(run("r2", { status: "queued", position: 2 }), null)).toBe("Waiting to start · 2nd in line");
  });

  test("times", () => {
    expect(elapsed(run("r1", { started: null }), NOW)).toBeNull();
    expect(elapsed(run("r1"), NOW)).toBe(60_000);
    expect(elapsed(done, NOW)).toBe(48_000);
    expect([duration(12), duration(2140), duration(61_000)]).toEqual(["12 ms", "2.1 s", "1:01"]);
  });

  test("failures", () => {
    const failed = (code: string, message: string) => run("r1", { status: "failed", model: { adapter: "openai", name: "big" }, error: { code, message } });
    expect(failureWords(failed("model_unknown", "example.org answered 404"))).toEqual({ sentence: "The provider has no model called big.", said: "example.org answered 404" });
    expect(failureWords(failed("steps_limit", "The run reached 50 steps."))).toEqual({ sentence: "The run reached 50 steps.", said: null });
    expect(failureWords(run("r1", { status: "failed" })).sentence).toBe("This run failed.");
  });

  test("usage", () => {
    const usage = { requests: 2, input_tokens: 3000, output_tokens: 410, cost_usd: 0.012, tool_calls: 3 };
    const model = { adapter: "openai", name: "gpt" };
    expect(usageWords(usage, model)).toBe("3,410 tokens · $0.012");
    expect(usageWords({ ...usage, cost_usd: null }, model)).toBe("3,410 tokens · price unknown");
    expect(usageWords(usage, { adapter: "rules", name: null })).toBe("no model cost");
    const begun = run("r1", { model, finished: null, usage: { ...usage, requests: 0 } });
    expect(usageSoFar(begun)).toBe("usage is counted as steps end");
    expect(usageSoFar({ ...begun, usage })).toBe("3,410 tokens · $0.012");
  });

  test("meters only of budgets that are set, warning at 80 %", () => {
    const meters = metersOf(done, { ...done.usage, input_tokens: 160_000 }, done.budget, NOW);
    expect(meters.map(({ name }) => name)).toEqual(["Tokens", "Model requests", "Time"]);
    expect(meters.map(isNearlyUsed)).toEqual([true, false, false]);
  });

  test("attempts, resumptions, delays and stops", () => {
    expect(attemptWords({ number: 1, started: "", ended: "x", reason: "lease_expired" })).toBe("worker stopped answering");
    expect(attemptWords({ number: 1, started: "", ended: null, reason: null })).toBe("under way");
    expect(resumedWords("restart")).toBe("Picked up again after a restart. Finished steps were kept.");
    expect(resumedWords("answered")).toBeNull();
    expect(delayWords("429", 2, 5, 8)).toBe("The model is busy (429). Try 2 of 5 in 8 s");
    expect(cancelledWords("alice", { done: 2, total: 4 })).toBe("Alice stopped this run. 2 of 4 steps were done.");
    expect(cancelledWords(null, { done: 0, total: 0 })).toBe("This run was stopped.");
  });
});

describe("tool calls in words", () => {
  const note = { title: "Search cards", class: "read", summary: "14 cards", duration_ms: 3 };

  test("title and main argument", () => {
    expect(toolTitle(call("k1"), note)).toBe("Search cards");
    expect(toolTitle(call("k1", { tool_name: "board_overview" }), undefined)).toBe("Board overview");
    expect(mainArgument({ limit: null, number: 12 })).toBe("#12");
    expect(mainArgument({ query: "late\nand more" })).toBe("late");
    expect(mainArgument({ overdue: true })).toBe("overdue true");
    expect(mainArgument({ names: ["Apple", "Tesla"] })).toBe("Apple, Tesla");
    expect(mainArgument({ deep: { a: 1 } })).toBe("");
  });

  test("one line on the outcome", () => {
    expect(outcomeOf(call("k1"), note)).toBe("14 cards");
    expect(outcomeOf(call("k1", { result: '{"cards":[1,2]}' }), undefined)).toBe("2 cards");
    expect(outcomeOf(call("k1", { result: "plain words\nmore" }), undefined)).toBe("plain words");
    expect(outcomeOf(call("k1", { status: "failed", error: { code: "wip_limit", message: "Review is full." } }), note)).toBe("Review is full.");
    const denied = { status: "denied" as const, result: "", error: { code: "denied", message: "" } };
    expect(outcomeOf(call("k1", denied), { ...note, summary: "Denied by bob" })).toBe("Denied by bob");
    expect(outcomeOf(call("k1", denied), undefined)).toBe("Denied");
    expect(outcomeOf(call("k1", { status: "executing", result: null }), undefined)).toBe("");
  });

  test("parameters and results as rows of text", () => {
    expect(parametersOf({ a: 1, b: null, c: { d: true } })).toEqual([
      { key: "a", value: "1" },
      { key: "b", value: "none" },
      { key: "c", value: "D: true" },
    ]);
    expect(parametersOf({ list: ["x", "y"], cards: [{ number: 3, labels: ["a", "b"] }], nothing: [] })).toEqual([
      { key: "list", value: "x\ny" },
      { key: "cards", value: "– Number: 3\n  Labels: \n    a\n    b" },
      { key: "nothing", value: "none" },
    ]);
    expect(resultOf('{"count": 2}')).toEqual([{ key: "count", value: "2" }]);
    expect(resultOf("<b>not html</b>")).toEqual([{ key: "", value: "<b>not html</b>" }]);
    expect(resultOf(null)).toEqual([]);
  });
});

describe("requests in words", () => {
  const by = (user: typeof ALICE, status: "approved" | "denied", note = "") => request("q1", { status, answered_by: user, note });

  test.each([
    ["You approved with changes", outcomeWords(by(ALICE, "approved"), ALICE, true)],
    ["Bob denied: “not before Friday”", outcomeWords(by(BOB, "denied", "not before Friday"), ALICE, false)],
    ["Expired, nothing was done.", outcomeWords(request("q1", { status: "expired" }), ALICE, false)],
    ["Bob approved this first. Your answer wasn't used.", lostWords(by(BOB, "approved"), ALICE)],
    ["This was answered already. Your answer wasn't used.", lostWords(null, ALICE)],
  ])("%s", (words, said) => expect(said).toBe(words));

  test("the title names the agent once", () => {
    expect(titleWords(request("q1", { title: "Robo wants to archive 3 cards" }))).toBe("Robo wants to archive 3 cards");
    expect(titleWords(request("q1", { title: "Which month?" }))).toBe("Robo: Which month?");
  });

  test("the buttons say what is approved", () => {
    const act = request("q1");
    expect(decisionWords(act, { number: 3 }, false)).toEqual({ approve: "Approve", deny: "Deny" });
    expect(decisionWords(act, { number: 4 }, true).approve).toBe("Approve with changes");
    const budget = request("q1", { tool_name: null, parameters: { tokens: 100_000 } });
    expect(decisionWords(budget, { tokens: 100_000 }, false)).toEqual({ approve: "Allow 100,000 more tokens", deny: "Finish with what it has" });
    expect(decisionWords(budget, { tokens: 5 }, true).approve).toBe("Allow 5 more tokens");
    expect(decisionWords(request("q1", { tool_name: "spend", parameters: { tokens: 5 } }), { tokens: 5 }, false).approve).toBe("Approve");
  });

  test("what expires within a day is urgent", () => {
    const now = Date.parse("2026-11-21T12:00:00Z");
    expect([isUrgent("2026-11-22T11:59:00Z", now), isUrgent("2026-11-22T12:01:00Z", now)]).toEqual([true, false]);
  });

  test("class and expiry", () => {
    expect(classWords(request("q1"))).toBe("Changes the board and can't be undone");
    const fetching = (url: string) => request("q1", { tool_name: "fetch_url", parameters: { url } });
    expect(classWords(fetching("https://user@ex\u00e4mple.org:8443/x"))).toBe("Leaves this server: xn--exmple-cua.org:8443");
    expect(classWords(fetching("nowhere"))).toBe("Changes the board and can't be undone");
    const elsewhere = (parameters: Record<string, string | number | boolean>) => classWords(request("q1", { tool_name: "read_card", parameters }));
    expect(elsewhere({ number: 1, board: "Secret" })).toBe("Works on the board “Secret”. If it isn't this room's own, only whoever started the run can allow it");
    expect(elsewhere({ text: "x", everywhere: true })).toBe("Searches all sessions of whoever started the run, who alone can allow it");
    expect(expiryWords("2026-11-27T13:00:00Z", NOW)).toBe("Expires in 6 days");
    expect(expiryWords("2026-11-21T12:01:30Z", NOW)).toBe("Expires in 1 minute");
  });
});

describe("characters that hide", () => {
  test("are written out", () => {
    expect(visible("a\u202eb")).toEqual([
      { text: "a", isMark: false },
      { text: "␣U+202E", isMark: true },
      { text: "b", isMark: false },
    ]);
    expect(hiddenMarks("\u200b\u200b\u0007")).toEqual(["␣U+200B", "␣U+0007"]);
    expect(hiddenMarks("\u{e0041}")).toEqual(["␣U+E0041"]);
  });

  test("ordinary text, lines and tabs stay as they are", () => {
    expect(visible("Grüße,\n\t世界 👍")).toEqual([{ text: "Grüße,\n\t世界 👍", isMark: false }]);
  });
});

describe("announcements", () => {
  test.each([
    ["Robo started.", event("run_started", { run: run("r1") })],
    ["Plan, 1 step.", event("plan_made", { ...STEP, subtasks: [{}] })],
    ["Step 2 of 4 done.", event("agent_completed", { ...STEP, success: true, progress: { done: 2, total: 4 } })],
    ["Robo asks for approval: Delete #3", event("request_opened", { request: request("q1") })],
    ["Report ready.", event("run_completed", { run: run("r1") })],
    ["Run failed: Too long", event("run_failed", { run: run("r1", { error: { code: "x", message: "Too long" } }) })],
    ["bob wrote a message.", event("message_added", { message: message("m1", { author: BOB }) }, 0, { actor: BOB })],
  ])("%s", (sentence, told) => expect(sentenceOf(told, ALICE.id)).toBe(sentence));

  test("my own words, agents' messages, later attempts and deltas aren't announced", () => {
    expect(sentenceOf(event("message_added", { message: message("m1") }, 0, { actor: ALICE }), ALICE.id)).toBeNull();
    expect(sentenceOf(event("message_added", { message: message("m1", { role: "assistant", author: ROBO }) }), ALICE.id)).toBeNull();
    expect(sentenceOf(event("run_started", { run: run("r1", { attempt: 2 }) }), ALICE.id)).toBeNull();
    expect(sentenceOf(event("message_delta", { message: "m1", offset: 0, text: "a" }), ALICE.id)).toBeNull();
  });
});

test("the end is near within 64 px", () => expect([isNear(64), isNear(65)]).toEqual([true, false]));
