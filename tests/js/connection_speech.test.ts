import { expect, test } from "vitest";
import { ConnectionSpeech } from "../../project/ui/connection_speech";
import type { ConnectionState } from "../../project/ui/connection_state";

const OFFLINE: ConnectionState = { kind: "offline", since: 0, retryAt: null };
const LIVE: ConnectionState = { kind: "live" };
const SETTLED = { isSettled: true, keeps: true };

function spoken(states: ConnectionState[], how = SETTLED): (string | null)[] {
  const speech = new ConnectionSpeech();
  return states.map((state) => speech.next(state, how));
}

test("a line that goes and comes back is spoken of once each, with what it brought", () => {
  const behind = [3, 12, 5].map((count): ConnectionState => ({ kind: "catching_up", behind: count }));
  const said = spoken([{ kind: "connecting" }, LIVE, OFFLINE, { ...OFFLINE, retryAt: 5 }, { kind: "connecting" }, ...behind, LIVE, LIVE]);
  expect(said.filter(Boolean)).toEqual(["Offline. Changes will wait.", "Live again, 12 changes."]);
});

test("nothing came meanwhile", () => {
  expect(spoken([OFFLINE, LIVE])).toEqual(["Offline. Changes will wait.", "Live again."]);
});

test("a page that keeps nothing says so little", () => {
  expect(spoken([OFFLINE], { isSettled: true, keeps: false })).toEqual(["Offline."]);
});

test("a moment's hiccup and the first connection are passed over", () => {
  expect(spoken([{ kind: "connecting" }, LIVE, OFFLINE, LIVE], { isSettled: false, keeps: true })).toEqual([null, null, null, null]);
});

test("each absence counts for itself", () => {
  const back: ConnectionState = { kind: "catching_up", behind: 2 };
  expect(spoken([OFFLINE, back, LIVE, OFFLINE, LIVE]).at(-1)).toBe("Live again.");
});
