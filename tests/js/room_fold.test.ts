/** A whole session as a server logged it: planned, approved, asked about, refined, stopped, renamed and closed. */
import { expect, test } from "vitest";
import type { StreamEvent } from "../../project/ui/wire";
import { apply, fromSnapshot, toSnapshot } from "../../sessions/ui/store";
import type { SnapshotState } from "../../sessions/ui/types";
import log from "../fixtures/session_log.json";
import { snapshot } from "./room_events";

const events = log.events as unknown as StreamEvent[];
const { has_older: _, ...expected } = log.state as unknown as SnapshotState;

/** Nothing but the session, as its first event told it. */
function beginning() {
  return fromSnapshot(snapshot({ session: (events[0]!.data as { session: SnapshotState["session"] }).session }));
}

test("fold(nothing, all events) = snapshot", () => {
  expect(toSnapshot(events.reduce(apply, beginning()))).toEqual(expected);
});

test("a snapshot taken anywhere and the events after it give the same", () => {
  for (let cut = 1; cut < events.length; cut += 7) {
    const middle = toSnapshot(events.slice(0, cut).reduce(apply, beginning()));
    expect(toSnapshot(events.slice(cut).reduce(apply, fromSnapshot(middle)))).toEqual(expected);
  }
});

test("the log holds what a room is made of", () => {
  const types = new Set(events.map((event) => event.type));
  const wanted = ["plan_made", "agent_thinking", "tool_completed", "request_answered", "run_resumed", "run_cancelled", "clarifier_replied", "output_added", "session_stopped"];
  expect(wanted.filter((type) => !types.has(type))).toEqual([]);
});
