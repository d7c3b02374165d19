import { describe, expect, test } from "vitest";
import { countWaiting, fromLists, groupsOf, placeWords, rowOf, STAYS_MS, takeLists, takeRequest } from "../../agents/ui/store";
import type { InboxRow } from "../../agents/ui/types";
import type { Request } from "../../sessions/ui/types";

const NOW = new Date(2026, 10, 21, 12, 0).getTime();
const BOB = { id: "bob", username: "bob", kind: "human" as const };

function at(minutes: number): string {
  return new Date(NOW + minutes * 60_000).toISOString();
}

function row(id: string, more: Partial<InboxRow> = {}, request: Partial<Request> = {}): InboxRow {
  return {
    request: { id, status: "open", created: at(-10), answered_by: null, ...request } as Request,
    board: { id: "b", name: "Launch" },
    card: { id: "c", number: 12, title: "Landing page" },
    session: { id: "s", title: "Landing page" },
    may_answer: true,
    ended: null,
    with_changes: false,
    ...more,
  };
}

const ended = (id: string, minutes: number, more: Partial<InboxRow> = {}) => row(id, { ended: at(minutes), ...more }, { status: "approved", answered_by: BOB });

function shown(state: Parameters<typeof groupsOf>[0], now = NOW): Record<string, string[]> {
  return Object.fromEntries(groupsOf(state, now).map(({ title, rows }) => [title, rows.map(({ request }) => request.id)]));
}

describe("groups", () => {
  test("what waits comes oldest first, what is over newest first", () => {
    const open = [row("young", {}, { created: at(-1) }), row("old", {}, { created: at(-60) }), row("theirs", { may_answer: false })];
    const state = fromLists(open, [ended("early", -50), ended("late", -5)]);
    expect(shown(state)).toEqual({ "Waiting for you": ["old", "young"], "Waiting for others": ["theirs"], "Answered today": ["late", "early"] });
    expect(countWaiting(state)).toBe(2);
  });

  test("those without rows aren't there, and yesterday's answers aren't today's", () => {
    expect(shown(fromLists([], [ended("yesterday", -13 * 60)]))).toEqual({});
  });
});

test("what was withdrawn isn't among what was answered", () => {
  const stopped = row("stopped", { ended: at(-2) }, { status: "cancelled" });
  const expired = row("expired", { ended: at(-3) }, { status: "expired" });
  expect(shown(fromLists([], [ended("a", -5), expired, stopped]))).toEqual({ "Answered today": ["a"], "Withdrawn today": ["stopped", "expired"] });
});

describe("a request that is answered elsewhere", () => {
  const before = fromLists([row("a"), row("b")], []);
  const after = takeLists(before, [row("b")], [ended("a", 0)], NOW);

  test("stays in its place for ten seconds, then moves", () => {
    expect(shown(after, NOW + STAYS_MS - 1)).toEqual({ "Waiting for you": ["a", "b"] });
    expect(shown(after, NOW + STAYS_MS)).toEqual({ "Waiting for you": ["b"], "Answered today": ["a"] });
    expect(countWaiting(after)).toBe(1);
  });

  test("isn't held longer by the lists that follow", () => {
    const later = takeLists(after, [row("b")], [ended("a", 0)], NOW + 5000);
    expect(shown(later, NOW + STAYS_MS)["Answered today"]).toEqual(["a"]);
  });

  test("keeps its place among those of others too", () => {
    const theirs = fromLists([row("a", { may_answer: false })], []);
    expect(shown(takeLists(theirs, [], [ended("a", 0, { may_answer: false })], NOW))).toEqual({ "No longer waiting for others": ["a"] });
  });
});

test("a request that is no longer mine to see stays for ten seconds", () => {
  const after = takeLists(fromLists([row("a")], []), [], [], NOW);
  expect(shown(after)).toEqual({ "Waiting for you": ["a"] });
  expect(rowOf(after, "a")).not.toBeNull();
  expect(rowOf(takeLists(after, [], [], NOW + STAYS_MS), "a")).toBeNull();
  expect(countWaiting(after)).toBe(0);
});

test("my own answer shows at once, and its row stays in its place", () => {
  const request = { ...row("a").request, status: "approved" as const, answered_by: BOB };
  const after = takeRequest(fromLists([row("a")], []), request, NOW);
  expect(shown(after)).toEqual({ "No longer waiting for you": ["a"] });
  expect(rowOf(after, "a")?.request.status).toBe("approved");
  expect(countWaiting(after)).toBe(0);
});

test("a changed request that is still open changes nothing but itself", () => {
  const after = takeRequest(fromLists([row("a")], []), { ...row("a").request, hash: "new" }, NOW);
  expect(rowOf(after, "a")).toMatchObject({ request: { hash: "new" }, ended: null });
  expect(after.stays).toEqual({});
});

test.each([
  [row("a"), "Launch · #12 Landing page"],
  [row("a", { card: null, session: { id: "s", title: "Questions about Launch" } }), "Launch · Questions about Launch"],
  [row("a", { board: null, card: null, session: { id: "s", title: "" } }), "A room of your own"],
])("the place of a request in words", (each, words) => expect(placeWords(each)).toBe(words));
