import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { StreamSocket } from "../../project/ui/socket";
import { eventAt, FakeSocket } from "./fake_socket";

let seen: number[];
let reloads: number;
let socket: StreamSocket;

function open(after = 5): StreamSocket {
  const stream = new StreamSocket({
    path: "/ws/boards/1/",
    start: { seq: after, epoch: "e1" },
    onEvents: (events) => void seen.push(...events.map((event) => event.seq)),
    reload: async () => {
      reloads += 1;
      return { seq: 20, epoch: "e2" };
    },
    makeSocket: (url) => new FakeSocket(url) as unknown as WebSocket,
  });
  stream.start();
  return stream;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("location", { origin: "http://127.0.0.1:8000" });
  vi.stubGlobal("WebSocket", { OPEN: 1 });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  FakeSocket.all.length = 0;
  seen = [];
  reloads = 0;
  socket = open();
});

afterEach(() => {
  socket.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A command whose outcome this test doesn't look at. */
function hold(asked: Promise<unknown>): void {
  asked.catch(() => undefined);
}

const kind = () => socket.state.get().kind;

describe("joining", () => {
  test("asks for what follows the snapshot", () => {
    expect(FakeSocket.last.url).toBe("ws://127.0.0.1:8000/ws/boards/1/?after=5&epoch=e1");
    expect(kind()).toBe("connecting");
  });

  test("is live when level, catching up before", () => {
    FakeSocket.last.hello(7);
    expect(socket.state.get()).toEqual({ kind: "catching_up", behind: 2 });
    FakeSocket.last.receive({ type: "events", events: [eventAt(6), eventAt(7)] });
    expect(kind()).toBe("live");
    expect(seen).toEqual([6, 7]);
  });
});

describe("events", () => {
  beforeEach(() => FakeSocket.last.hello(5));

  test("that repeat are dropped", () => {
    FakeSocket.last.event(6);
    FakeSocket.last.event(6);
    FakeSocket.last.event(4);
    expect(seen).toEqual([6]);
  });

  test("with a gap lead to one sync, and nothing is applied until it is healed", () => {
    FakeSocket.last.event(8);
    FakeSocket.last.event(9);
    expect(FakeSocket.last.of("sync")).toEqual([{ type: "sync", data: { after: 5, epoch: "e1" } }]);
    expect(seen).toEqual([]);
    FakeSocket.last.receive({ type: "events", events: [6, 7, 8, 9].map(eventAt) });
    expect(seen).toEqual([6, 7, 8, 9]);
    expect(kind()).toBe("live");
  });

  test("are acknowledged each 64 and after a second of quiet", () => {
    for (let seq = 6; seq < 6 + 63; seq += 1) FakeSocket.last.event(seq);
    expect(FakeSocket.last.of("ack")).toEqual([]);
    FakeSocket.last.event(69);
    expect(FakeSocket.last.of("ack")).toEqual([{ type: "ack", data: { seq: 69 } }]);
    FakeSocket.last.event(70);
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.last.of("ack").at(-1)).toEqual({ type: "ack", data: { seq: 70 } });
  });

  test("that are large are acknowledged before they fill the server's window", () => {
    const long = (seq: number) => ({ ...eventAt(seq), data: { text: "x".repeat(70_000) } });
    FakeSocket.last.receive({ type: "events", events: [long(6), long(7)] });
    expect(FakeSocket.last.of("ack")).toEqual([{ type: "ack", data: { seq: 7 } }]);
  });

  test("missed silently are asked for after two heartbeats without progress", () => {
    const beat = () => FakeSocket.last.receive({ type: "heartbeat", data: { seq: 8, timestamp: 1 } });
    beat();
    expect(FakeSocket.last.of("sync")).toEqual([]);
    beat();
    expect(FakeSocket.last.of("sync")).toHaveLength(1);
  });
});

describe("a reset", () => {
  test("reloads the snapshot, then syncs from it", async () => {
    FakeSocket.last.hello(30, "e2");
    expect(kind()).toBe("catching_up");
    FakeSocket.last.receive({ type: "reset", data: { reason: "epoch", snapshot: "/api/…" } });
    await vi.advanceTimersByTimeAsync(0);
    expect(reloads).toBe(1);
    expect(FakeSocket.last.of("sync")).toEqual([{ type: "sync", data: { after: 20, epoch: "e2" } }]);
    FakeSocket.last.event(21);
    expect(seen).toEqual([21]);
  });

  test("keeps commands back until the place is known again", async () => {
    hold(socket.send("move_card", {}, { ref: "r1", hold: true }));
    FakeSocket.last.hello(5, "e2");
    expect(FakeSocket.last.of("move_card")).toEqual([]);
    FakeSocket.last.receive({ type: "reset", data: { reason: "epoch", snapshot: "/api/…" } });
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.last.of("move_card")).toHaveLength(1);
  });
});

describe("commands", () => {
  test("wait for the stream to be level, keep their order, and resolve with the reply", async () => {
    const first = socket.send("move_card", { card: "a" }, { ref: "r1", hold: true });
    hold(socket.send("edit_card", { card: "a" }, { ref: "r2", hold: true }));
    expect(FakeSocket.last.sent).toEqual([]);
    FakeSocket.last.hello(5);
    expect(FakeSocket.last.sent.map((frame) => frame.ref)).toEqual(["r1", "r2"]);
    FakeSocket.last.reply("r1", 6);
    await expect(first).resolves.toEqual({ seq: 6 });
    expect(socket.held.get()).toBe(1);
  });

  test("without an answer go out again after a reconnect under the same ref", () => {
    FakeSocket.last.hello(5);
    hold(socket.send("move_card", { card: "a" }, { ref: "r1", hold: true }));
    FakeSocket.last.end(1006);
    expect(kind()).toBe("offline");
    vi.advanceTimersByTime(1000);
    FakeSocket.last.hello(5);
    expect(FakeSocket.all).toHaveLength(2);
    expect(FakeSocket.last.of("move_card").map((frame) => frame.ref)).toEqual(["r1"]);
  });

  test("that were refused reject with code and data", async () => {
    FakeSocket.last.hello(5);
    const asked = socket.send("move_card", {}, { ref: "r1", hold: true });
    FakeSocket.last.refuse("r1", { code: "wip_limit", message: "Full", data: { limit: 3 } });
    await expect(asked).rejects.toMatchObject({ code: "wip_limit", data: { limit: 3 } });
  });

  test("refused for the moment are tried again under the same ref", async () => {
    FakeSocket.last.hello(5);
    const asked = socket.send("move_card", {}, { ref: "r1", hold: true });
    FakeSocket.last.refuse("r1", { code: "unavailable", message: "Busy", data: { retry_after_s: 2 } });
    vi.advanceTimersByTime(3000);
    expect(FakeSocket.last.of("move_card").map((frame) => frame.ref)).toEqual(["r1", "r1"]);
    FakeSocket.last.reply("r1", 6);
    await expect(asked).resolves.toEqual({ seq: 6 });
  });

  test("that need a connection are refused while offline", async () => {
    FakeSocket.last.end(1006);
    await expect(socket.send("delete_card", {})).rejects.toMatchObject({ code: "offline" });
  });

  test("larger than a frame may be are refused here: the server would end the connection over each try", async () => {
    FakeSocket.last.hello(5);
    await expect(socket.send("comment_card", { content: "é".repeat(33_000) }, { hold: true })).rejects.toMatchObject({ code: "too_large" });
    hold(socket.send("comment_card", { content: "é".repeat(32_000) }, { hold: true }));
    expect(FakeSocket.last.of("comment_card")).toHaveLength(1);
    expect(socket.held.get()).toBe(1);
  });

  test("are held up to fifty while offline", async () => {
    FakeSocket.last.end(1006);
    for (let n = 0; n < 50; n += 1) hold(socket.send("move_card", {}, { ref: `r${n}`, hold: true }));
    await expect(socket.send("move_card", {}, { hold: true })).rejects.toMatchObject({ code: "outbox_full" });
    expect(socket.held.get()).toBe(50);
  });

  test("go out a few at a time, inside the server's burst", () => {
    for (let n = 0; n < 20; n += 1) hold(socket.send("move_card", {}, { ref: `r${n}`, hold: true }));
    FakeSocket.last.hello(5);
    expect(FakeSocket.last.sent).toHaveLength(8);
    FakeSocket.last.reply("r0");
    expect(FakeSocket.last.sent).toHaveLength(9);
  });
});

describe("closing", () => {
  beforeEach(() => FakeSocket.last.hello(5));

  test.each([
    [4500, "outdated"],
    [4501, "signed_out"],
    [4502, "no_access"],
    [4503, "too_large"],
    [4504, "too_many"],
  ])("%i ends as %s and does not come back by itself", (code, ending) => {
    FakeSocket.last.end(code, JSON.stringify({ code: "x" }));
    expect(kind()).toBe(ending);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  test.each([4001, 4002, 4004, 4008, 1006])("%i comes back with its place", (code) => {
    FakeSocket.last.event(6);
    FakeSocket.last.end(code);
    vi.advanceTimersByTime(10_000);
    expect(FakeSocket.all).toHaveLength(2);
    expect(FakeSocket.last.url).toContain("after=6");
  });

  test("a try that is under way is let go when the next one is asked for", () => {
    FakeSocket.last.end(1006);
    socket.retryNow();
    const slow = FakeSocket.last;
    socket.retryNow();
    expect(FakeSocket.all.filter((each) => each.readyState === WebSocket.OPEN)).toEqual([FakeSocket.last]);
    expect(slow).not.toBe(FakeSocket.last);
  });

  test("honours retry_ms", () => {
    FakeSocket.last.end(4008, JSON.stringify({ code: "rate_limited", retry_ms: 4000 }));
    vi.advanceTimersByTime(1999);
    expect(FakeSocket.all).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test("a signed-out page keeps held edits and sends them after signing in again", () => {
    FakeSocket.last.end(4501);
    hold(socket.send("edit_card", {}, { ref: "r1", hold: true }));
    socket.reconnect();
    FakeSocket.last.hello(5);
    expect(FakeSocket.last.of("edit_card")).toHaveLength(1);
  });

  test("a socket that went silent is given up after 40 s", () => {
    vi.advanceTimersByTime(39_000);
    expect(kind()).toBe("live");
    vi.advanceTimersByTime(3000);
    expect(FakeSocket.all.length).toBeGreaterThan(1);
  });
});
