import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CommandError, unreachable } from "../../project/ui/errors";
import { Poller, pollDelay } from "../../project/ui/poll";

const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
const browser = new EventTarget();
let outcomes: (Error | null)[];
let asked: number;
let poller: Poller;

async function ask(): Promise<void> {
  asked += 1;
  const outcome = outcomes.shift();
  if (outcome) throw outcome;
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("window", browser);
  vi.stubGlobal("document", page);
  page.visibilityState = "visible";
  outcomes = [];
  asked = 0;
  poller = new Poller(ask, 5000);
  poller.start();
  await settle();
});

afterEach(() => {
  poller.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a poller", () => {
  test("asks at once and then at its pace", async () => {
    expect([asked, poller.state.get().kind]).toEqual([1, "live"]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toBe(3);
  });

  test("rests while nobody looks, and asks when somebody comes back", async () => {
    page.visibilityState = "hidden";
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(1);
    page.visibilityState = "visible";
    page.dispatchEvent(new Event("visibilitychange"));
    await settle();
    expect(asked).toBe(2);
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toBe(3);
  });

  test("is offline since the first failure, tries again by itself, and is live again", async () => {
    outcomes = [unreachable(), unreachable()];
    poller.retryNow();
    await settle();
    const first = poller.state.get();
    expect(first).toMatchObject({ kind: "offline", since: Date.now() });
    await vi.advanceTimersByTimeAsync(1000);
    expect(poller.state.get()).toMatchObject({ kind: "offline", since: (first as { since: number }).since });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(poller.state.get().kind).toBe("live");
  });

  test("leaves a failing server alone for longer and longer, and keeps its pace again after a success", async () => {
    outcomes = Array.from({ length: 40 }, unreachable);
    poller.retryNow();
    await settle();
    const before = asked;
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(asked - before).toBeLessThanOrEqual(5 + 20);
    expect(asked - before).toBeGreaterThanOrEqual(10);
    outcomes = [];
    await vi.advanceTimersByTimeAsync(60_000);
    const after = asked;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([poller.state.get().kind, asked - after]).toEqual(["live", 2]);
  });

  test("is offline the moment the browser says so", () => {
    browser.dispatchEvent(new Event("offline"));
    expect(poller.state.get().kind).toBe("offline");
  });

  test("stops once the sign-in has ended, until it is renewed", async () => {
    outcomes = [new CommandError({ code: "not_authenticated", message: "" }, 401)];
    poller.retryNow();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([asked, poller.state.get().kind]).toEqual([2, "signed_out"]);
    browser.dispatchEvent(new Event("workroom:signed-in"));
    await settle();
    expect(poller.state.get().kind).toBe("live");
  });

  test("asks no more once it is stopped", async () => {
    poller.stop();
    browser.dispatchEvent(new Event("focus"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(1);
  });
});

test("the wait after a failure doubles up to a minute, and is no shorter than the server asks for", () => {
  expect([0, 1, 2, 3, 4, 5, 30].map((tries) => pollDelay(tries, null, () => 1))).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  expect(pollDelay(3, null, () => 0)).toBe(8000);
  expect([pollDelay(0, 9000), pollDelay(9, 1000, () => 0)]).toEqual([9000, 30_000]);
});
