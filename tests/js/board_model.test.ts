import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BoardModel } from "../../boards/ui/model";
import type { BoardPageData, Comment, FullCard } from "../../boards/ui/types";
import { FakeSocket } from "./fake_socket";
import { ALICE, BOB } from "./room_events";

const CARD = { id: "card1", number: 1, title: "Page", column: "todo", rank: 1, version: 1, comment_count: 0, session_count: 0, run: null, archived: false };
const FULL = { ...CARD, description: "Old", html: "", checklist: [], labels: [] } as unknown as FullCard;
const comment = (id: string) => ({ id, card: CARD.id, created: `2026-11-21T10:00:0${id.slice(1)}Z`, content: id }) as Comment;

function snapshot(seq: number, epoch: string) {
  const board = { id: "board1", name: "Launch", description: "", created: "", updated: "" };
  return { stream: "board:board1", epoch, seq, me: { user: ALICE, role: "owner" }, state: { board, columns: [], cards: [CARD], members: [] } };
}

let model: BoardModel;
/** What the server answers, by path; a missing one is a server that fails. */
let answers: Record<string, unknown>;
const NOT_FOUND = { error: { code: "not_found", message: "Gone." } };

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Object.assign(FakeSocket, { OPEN: 1 }));
  vi.stubGlobal("location", { origin: "http://127.0.0.1:8000" });
  vi.stubGlobal(
    "fetch",
    vi.fn(async (path: string) => {
      const body = (await answers[path.split("?")[0]!]) ?? { error: { code: "unavailable", message: "Busy." } };
      return new Response(JSON.stringify(body), { status: body === NOT_FOUND ? 404 : "error" in (body as object) ? 503 : 200 });
    }),
  );
  FakeSocket.all.length = 0;
  answers = { "/api/cards/card1/": FULL, "/api/cards/card1/comments/": { results: [comment("c1")], next: null } };
  model = new BoardModel({ snapshot: snapshot(10, "e1"), agents: [] } as unknown as BoardPageData);
  model.socket.start();
  FakeSocket.last.hello(10);
  await model.openCard(CARD.id);
  await model.loadComments(CARD.id);
  answers["/api/boards/board1/snapshot/"] = snapshot(3, "e2");
});

afterEach(() => {
  model.socket.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const details = () => model.state.details[CARD.id];
const comments = () => model.state.comments[CARD.id]?.items.map(({ id }) => id);

async function reset(): Promise<void> {
  FakeSocket.last.receive({ type: "reset", data: { reason: "epoch", snapshot: "/api/…" } });
  await vi.advanceTimersByTimeAsync(0);
}

describe("a reset with a card open", () => {
  test("brings the card and its comments up to date before events go on", async () => {
    let answer = (_: FullCard) => undefined as void;
    answers["/api/cards/card1/"] = new Promise<FullCard>((resolve) => (answer = resolve));
    answers["/api/cards/card1/comments/"] = { results: [comment("c2")], next: null };
    await reset();
    expect(FakeSocket.last.of("sync")).toEqual([]);
    answer({ ...FULL, description: "New" });
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.last.of("sync")).toEqual([{ type: "sync", data: { after: 3, epoch: "e2" } }]);
    expect([details()?.description, comments()]).toEqual(["New", ["c2"]]);
    FakeSocket.last.receive({ type: "comment_added", seq: 4, id: "e", stream: "", timestamp: 1, actor: BOB, ref: null, data: { comment: comment("c3") } });
    expect(comments()).toEqual(["c2", "c3"]);
  });

  test("keeps the old picture and is tried again while the server doesn't tell it all", async () => {
    delete answers["/api/cards/card1/"];
    await reset();
    expect(details()?.description).toBe("Old");
    expect(FakeSocket.last.of("sync")).toEqual([]);
    expect(model.socket.state.get().kind).toBe("offline");
  });

  test("lets go of a card that is gone", async () => {
    answers["/api/cards/card1/"] = NOT_FOUND;
    await reset();
    expect(details()).toBeUndefined();
    expect(FakeSocket.last.of("sync")).toHaveLength(1);
  });
});
