/** The console: what it logs, what it fills in, what it refuses to send, and its socket. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { addressOf, checkOf } from "../../agents/ui/console/address";
import { Line } from "../../agents/ui/console/line";
import { appended, asLines, entriesOf, type Entry, filtered, MOST_ENTRIES } from "../../agents/ui/console/log";
import { learned, NOTHING_KNOWN, problemOf, TEMPLATES, textOf } from "../../agents/ui/console/templates";
import { FakeSocket } from "./fake_socket";

const ID = "019a9d6e-0000-7000-8000-000000000001";
const REF = "019a9d6e-0000-4000-8000-000000000002";

function entry(id: number, type: string, direction: Entry["direction"] = "in"): Entry {
  return { id, type, direction, at: 0, seq: null, text: JSON.stringify({ type }) };
}

function connected(): { line: Line; socket: FakeSocket } {
  const line = new Line((url) => new FakeSocket(url) as unknown as WebSocket);
  line.connect(`ws://host/ws/sessions/${ID}/?after=0`);
  FakeSocket.last.onopen?.();
  return { line, socket: FakeSocket.last };
}

beforeEach(() => {
  vi.stubGlobal("WebSocket", { OPEN: 1 });
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("an events frame becomes one entry per event, nonsense stays as it is", () => {
  const text = JSON.stringify({ type: "events", events: [{ type: "agent_started", seq: 4 }, { type: "agent_thinking", seq: 5 }] });
  expect(entriesOf("in", text, 7, 10).map(({ id, type, seq }) => [id, type, seq])).toEqual([
    [10, "agent_started", 4],
    [11, "agent_thinking", 5],
  ]);
  expect(entriesOf("in", "{", 7, 1)).toEqual([{ id: 1, direction: "in", at: 7, type: "not JSON", seq: null, text: "{" }]);
});

test("the log keeps the newest thousand", () => {
  const many = Array.from({ length: MOST_ENTRIES + 5 }, (_, index) => entry(index, "pong"));
  const log = appended(many.slice(0, MOST_ENTRIES), many.slice(MOST_ENTRIES));
  expect(log).toHaveLength(MOST_ENTRIES);
  expect([log[0]!.id, log.at(-1)!.id]).toEqual([5, MOST_ENTRIES + 4]);
});

test("filters by part of a type and hides upkeep; notes are seen without a filter", () => {
  const log = [entry(1, "note", "note"), entry(2, "ack", "out"), entry(3, "agent_started"), entry(4, "agent_thinking"), entry(5, "presence")];
  const ids = (type: string, hidesUpkeep: boolean) => filtered(log, { type, hidesUpkeep }).map(({ id }) => id);
  expect(ids("", true)).toEqual([1, 3, 4]);
  expect(ids("", false)).toEqual([1, 2, 3, 4, 5]);
  expect(ids(" AGENT_t", true)).toEqual([4]);
  expect(asLines(log.slice(0, 3))).toBe('{"type":"ack"}\n{"type":"agent_started"}');
});

test("every template is a valid frame, filled with what is known", () => {
  const known = learned(learned(NOTHING_KNOWN, { type: "hello", data: { epoch: "e1" } }), {
    type: "request_opened",
    seq: 9,
    data: { run: { id: "r" }, request: { id: "q", hash: "h", kind: "question" } },
  });
  for (const template of TEMPLATES) expect(problemOf(textOf(template, known, REF)), template.type).toBeNull();
  const text = (type: string) => JSON.parse(textOf(TEMPLATES.find((each) => each.type === type)!, known, REF)) as { data: unknown; ref?: string };
  expect(text("answer_request")).toEqual({ type: "answer_request", ref: REF, data: { request: "q", hash: "h", decision: "answer", result: "" } });
  expect(text("cancel_run").data).toEqual({ run: "r" });
  expect(text("sync")).toEqual({ type: "sync", data: { after: 9, epoch: "e1" } });
});

test("what is no frame is named before it is sent", () => {
  expect(problemOf("{")).toMatch(/isn't JSON/);
  expect(problemOf("[]")).toBe("A frame is a JSON object.");
  expect(problemOf("{}")).toBe('A frame has a "type", a text.');
  expect(problemOf('{"type":"ping","ref":"1"}')).toBe('A "ref" is a lower-case UUID.');
  expect(problemOf('{"type":"ping","data":[]}')).toBe('"data" is a JSON object.');
  expect(problemOf('{"type":"ping","seq":1}')).toBe("A frame has type, ref and data, and no “seq”.");
  expect(problemOf(JSON.stringify({ type: "send_user_message", data: { content: "x".repeat(66_000) } }))).toMatch(/too large/);
  expect(problemOf('{"type":"from_the_future"}')).toBeNull();
});

test("the address is a session's, a new one's, or none", () => {
  expect(addressOf("https://board.example.org", "new", "0")).toBe("wss://board.example.org/ws/sessions/");
  expect(addressOf("http://localhost:8000", ID, "12")).toBe(`ws://localhost:8000/ws/sessions/${ID}/?after=12`);
  expect(addressOf("http://localhost:8000", ID, "")).toBe(`ws://localhost:8000/ws/sessions/${ID}/`);
  expect(addressOf("http://localhost:8000", "12", "0")).toBeNull();
});

test("the events of the session that is followed are checked on their own page", () => {
  expect(checkOf(ID)).toBe(`/verify/?session=${ID}`);
  expect(checkOf("new")).toBe("/verify/");
  expect(checkOf('"><script>')).toBe("/verify/");
});

test("connects, logs both ways, acknowledges after a second of quiet", () => {
  const { line, socket } = connected();
  expect(line.status.get().kind).toBe("connected");
  socket.hello(2);
  socket.receive({ type: "events", events: [1, 2].map((seq) => ({ type: "message_added", seq, data: {} })) });
  expect(line.send('{"type":"ping"}')).toBe(true);
  vi.advanceTimersByTime(1000);
  expect(socket.of("ack")).toEqual([{ type: "ack", data: { seq: 2 } }]);
  expect(line.log.get().map(({ direction, type }) => `${direction} ${type}`)).toEqual([
    "note note",
    "note note",
    "in hello",
    "in message_added",
    "in message_added",
    "out ping",
    "out ack",
  ]);
});

test("a close says why, sends nothing more, and the console doesn't come back by itself", () => {
  const { line, socket } = connected();
  const opened = FakeSocket.all.length;
  socket.event(1);
  socket.end(4502, '{"code":"no_access"}');
  expect(line.status.get()).toEqual({ kind: "closed", code: 4502, sentence: "This session isn't here, or you have no access to it." });
  expect(line.log.get().at(-1)!.text).toContain('Closed 4502 {"code":"no_access"}');
  expect(line.send('{"type":"ping"}')).toBe(false);
  vi.advanceTimersByTime(60_000);
  expect(socket.of("ack")).toEqual([]);
  expect(FakeSocket.all.length).toBe(opened);
});
