import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RoomModel } from "../../sessions/ui/model";
import { WhoIsHere } from "../../sessions/ui/presence";
import { Typing } from "../../sessions/ui/typing";
import type { SnapshotState } from "../../sessions/ui/types";
import { FakeSocket } from "./fake_socket";
import { ALICE, BOB, event, message, request, run, snapshot } from "./room_events";

const FRAME_MS = 200;
let model: RoomModel;

/** A model whose server side is the test, level with seq 10. */
function open(state: Partial<SnapshotState> = {}): RoomModel {
  model = new RoomModel({ stream: "session:s1", epoch: "e1", seq: 10, me: { user: ALICE, role: "owner" }, state: snapshot(state) });
  model.start();
  FakeSocket.last.hello(10);
  return model;
}

/** What the server tells next, in order. */
let seq = 10;
function tell(type: string, data: Record<string, unknown>, ref: string | null = null): void {
  seq += 1;
  FakeSocket.last.receive({ ...event(type, data), seq, ref, actor: ALICE });
}

function answerFetch(pages: Record<string, unknown>): void {
  vi.stubGlobal(
    "fetch",
    vi.fn(async (path: string) => {
      const known = Object.entries(pages).find(([start]) => path.startsWith(start));
      return new Response(JSON.stringify(known ? known[1] : { error: { code: "not_found", message: "Gone." } }), { status: known ? 200 : 404 });
    }),
  );
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Object.assign(FakeSocket, { OPEN: 1 }));
  vi.stubGlobal("location", { origin: "http://127.0.0.1:8000" });
  FakeSocket.all.length = 0;
  seq = 10;
});

afterEach(() => {
  model?.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("saying something", () => {
  test("shows it as pending until the log tells of it", async () => {
    open();
    void model.say("Hello", null);
    const [sent] = FakeSocket.last.of("send_user_message");
    expect(sent?.data).toEqual({ content: "Hello" });
    expect(model.pending.get()).toMatchObject([{ content: "Hello", refusal: null }]);
    tell("message_added", { message: message("m1") }, sent!.ref!);
    expect(model.pending.get()).toEqual([]);
  });

  test("a reply before the event keeps it pending, so that nothing flickers", async () => {
    open();
    void model.say("Hello", null);
    const [sent] = FakeSocket.last.of("send_user_message");
    FakeSocket.last.reply(sent?.ref, 11);
    await vi.advanceTimersByTimeAsync(0);
    expect(model.pending.get()).toMatchObject([{ isAccepted: true }]);
    tell("message_added", { message: message("m1") }, sent!.ref!);
    expect(model.pending.get()).toEqual([]);
  });

  test("a reply after the event leaves nothing behind", async () => {
    open();
    void model.say("Hello", null);
    const [sent] = FakeSocket.last.of("send_user_message");
    tell("message_added", { message: message("m1") }, sent!.ref!);
    FakeSocket.last.reply(sent?.ref, 11);
    await vi.advanceTimersByTimeAsync(0);
    expect(model.pending.get()).toEqual([]);
  });

  test("a refusal keeps the text and says why", async () => {
    open();
    void model.say("Hello", "queue");
    const [sent] = FakeSocket.last.of("send_user_message");
    expect(sent?.data).toEqual({ content: "Hello", during_run: "queue" });
    FakeSocket.last.refuse(sent?.ref, { code: "busy", message: "Full." });
    await vi.advanceTimersByTimeAsync(0);
    expect(model.refused.get()).toEqual({ content: "Hello", reason: "Five messages are waiting already. Withdraw one or wait." });
    expect(model.pending.get()).toMatchObject([{ refusal: "Five messages are waiting already. Withdraw one or wait." }]);
  });

  test("offline it is held and sent under the same ref", async () => {
    open();
    FakeSocket.last.end(1006);
    void model.say("Hello", null);
    expect(model.pending.get()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_000);
    FakeSocket.last.hello(10);
    const [sent] = FakeSocket.last.of("send_user_message");
    expect(sent?.data).toEqual({ content: "Hello" });
    expect(sent?.ref).toBe(model.pending.get()[0]?.ref);
  });
});

test("answers, stops and retries are refused without a connection", async () => {
  open({ runs: [], requests: [request("q1")] });
  FakeSocket.last.end(1006);
  await expect(model.answer(request("q1"), { decision: "approve" }, "ref")).rejects.toMatchObject({ code: "offline" });
  await expect(model.cancelRun("r1")).rejects.toMatchObject({ code: "offline" });
});

test("an answer carries the hash of what was shown", () => {
  open({ requests: [request("q1")] });
  void model.answer(request("q1"), { decision: "deny", note: "no" }, "ref-1").catch(() => undefined);
  expect(FakeSocket.last.of("answer_request")).toMatchObject([{ ref: "ref-1", data: { request: "q1", hash: "h1", decision: "deny", note: "no" } }]);
});

test("a burst of text is painted once", async () => {
  open();
  const painted = vi.fn();
  model.state.subscribe(painted);
  tell("message_added", { message: message("m1", { content: "", complete: false }) });
  for (let at = 0; at < 20; at += 1) tell("message_delta", { message: "m1", offset: at, text: "x" });
  await vi.advanceTimersByTimeAsync(FRAME_MS);
  expect(painted).toHaveBeenCalledOnce();
  expect(model.state.get().messages["m1"]?.content).toBe("x".repeat(20));
});

test("after a reset the new picture replaces the old and the place is synced", async () => {
  open();
  answerFetch({ "/api/sessions/s1/snapshot/": { seq: 99, epoch: "e2", me: { user: ALICE, role: "viewer" }, state: snapshot({ messages: [message("m9")] }) } });
  FakeSocket.last.receive({ type: "reset", data: { reason: "epoch", snapshot: "/api/sessions/s1/snapshot/" } });
  await vi.advanceTimersByTimeAsync(0);
  expect(Object.keys(model.state.get().messages)).toEqual(["m9"]);
  expect(model.role.get()).toBe("viewer");
  expect(FakeSocket.last.of("sync").at(-1)?.data).toEqual({ after: 99, epoch: "e2" });
});

test("steps from before the snapshot come from the log", async () => {
  const started = { ...event("agent_started", { run: "r1", agent: "robo", step: "t1", subtask: null, role: "planner", message: "" }), seq: 9 };
  answerFetch({ "/api/sessions/s1/events/": { seq: 10, events: [started, { ...event("message_delta", {}), seq: 10 }] } });
  open({ runs: [run("r1")] });
  await vi.advanceTimersByTimeAsync(0);
  expect(model.state.get().notes.steps["t1"]?.role).toBe("planner");
});

test("older messages are fetched past those that are here, to the end", async () => {
  open({ messages: [message("m2")], has_older: true });
  answerFetch({
    "/api/sessions/s1/messages/?limit=200&cursor=c1": { results: [message("m1", { created: "2026-11-20T12:00:00Z" })], next: null },
    "/api/sessions/s1/messages/?limit=200": { results: [message("m2")], next: "c1" },
  });
  expect(model.state.get().hasOlder).toBe(true);
  await model.loadOlder();
  expect(Object.keys(model.state.get().messages).sort()).toEqual(["m1", "m2"]);
  expect(model.state.get().hasOlder).toBe(false);
});

describe("presence", () => {
  const here = (...users: (typeof ALICE)[]) => ({ users: users.map((user) => ({ ...user, connections: 1, viewing: null })), total: users.length });
  const names = (who: WhoIsHere) => who.shown.get().users.map((user) => user.username);

  test("who leaves stays for ten seconds", async () => {
    const who = new WhoIsHere();
    who.heard(here(ALICE, BOB));
    who.heard(here(ALICE));
    expect(names(who)).toEqual(["alice", "bob"]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(names(who)).toEqual(["alice"]);
  });

  test("who comes back is there once", () => {
    const who = new WhoIsHere();
    who.heard(here(ALICE, BOB));
    who.heard(here(ALICE));
    who.heard(here(ALICE, BOB));
    expect(who.shown.get()).toMatchObject({ total: 2 });
    who.stop();
  });
});

describe("typing", () => {
  test("fades after four seconds, and at once with a message", async () => {
    const typing = new Typing(ALICE.id, () => undefined);
    typing.heard(BOB);
    await vi.advanceTimersByTimeAsync(4000);
    expect(typing.users.get()).toEqual([]);
    typing.heard(BOB);
    typing.gone(BOB.id);
    expect(typing.users.get()).toEqual([]);
  });

  test("mine is told at most every two seconds and never shown to me", () => {
    const tellOthers = vi.fn();
    const typing = new Typing(ALICE.id, tellOthers);
    typing.typed(10_000);
    typing.typed(11_000);
    typing.typed(12_000);
    typing.heard(ALICE);
    expect(tellOthers).toHaveBeenCalledTimes(2);
    expect(typing.users.get()).toEqual([]);
  });
});
