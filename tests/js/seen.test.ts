import { beforeEach, expect, test, vi } from "vitest";
import { finishedRun } from "../../sessions/ui/blocks";
import { run } from "./room_events";

const KEY = "workroom.seen-runs";
let kept: Map<string, string>;

beforeEach(() => {
  kept = new Map();
  vi.stubGlobal("localStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) });
  vi.resetModules();
});

test("a room marks the newest run once its report is there", () => {
  const first = run("r1", { status: "completed" });
  expect(finishedRun({ r1: first })).toBe("r1");
  expect(finishedRun({ r1: first, r2: run("r2", { number: 2, status: "running" }) })).toBeNull();
  expect(finishedRun({ r1: first, r2: run("r2", { number: 2, status: "queued" }) })).toBe("r1");
  expect(finishedRun({})).toBeNull();
});

test("what another tab has opened stays opened", async () => {
  const { markSeen, seenRuns } = await import("../../sessions/ui/seen");
  kept.set(KEY, JSON.stringify(["elsewhere"]));
  markSeen("here");
  expect(JSON.parse(kept.get(KEY)!)).toEqual(["elsewhere", "here"]);
  expect([...seenRuns.get()]).toEqual(["elsewhere", "here"]);
});
