import { beforeEach, describe, expect, test } from "vitest";
import { Marks } from "../../boards/ui/marks";
import { Mover } from "../../boards/ui/mover";
import type { Target } from "../../boards/ui/moves";
import { fromSnapshot } from "../../boards/ui/store";
import type { Card, Snapshot } from "../../boards/ui/types";
import { type BoardView, emptyView } from "../../boards/ui/view";
import { CommandError } from "../../project/ui/errors";
import { Observable } from "../../project/ui/observable";
import type { User } from "../../project/ui/wire";
import type { Reply } from "../../project/ui/outbox";

interface Asked {
  data: Record<string, unknown>;
  ref: string;
  resolve(reply: Reply): void;
  reject(error: CommandError): void;
}

const [TODO, REVIEW] = ["todo", "review"];
const CARD = { id: "card1", number: 1, title: "Page", column: TODO, rank: 65_536, version: 1, archived: false } as Card;
const column = (id: string, name: string, rank: number) => ({ id, board: "board", name, rank, wip_limit: 5 });
const SNAPSHOT = {
  board: { id: "board", name: "Launch", description: "", created: "", updated: "" },
  columns: [column(TODO, "To do", 1), column(REVIEW, "Review", 2)],
  cards: [CARD],
  members: [],
} satisfies Snapshot["state"];

let view: Observable<BoardView>;
let asked: Asked[];
let applied: number;
let lastMover: User | null;
let mover: Mover;

const to = (column: string): Target => ({ column, place: { after: null }, above: [] });
const settled = () => new Promise((resolve) => setTimeout(resolve));
const card = (): Card => view.get().state.cards[CARD.id]!;
const note = () => view.get().notes[CARD.id]?.text;

function refuse(code: string, data: Record<string, unknown>): Promise<unknown> {
  asked.at(-1)!.reject(new CommandError({ code, message: code, data }));
  return settled();
}

beforeEach(() => {
  view = new Observable(emptyView(fromSnapshot(SNAPSHOT)));
  asked = [];
  applied = 10;
  lastMover = null;
  const send = (_type: string, data: unknown, ref: string) =>
    new Promise<Reply>((resolve, reject) => asked.push({ data: data as Record<string, unknown>, ref, resolve, reject }));
  mover = new Mover({ view, marks: new Marks(view, "me"), send, applied: () => applied, movedBy: () => lastMover });
  mover.move(card(), to(REVIEW));
});

describe("a move", () => {
  test("is shown at once and asked for with the version that was seen", () => {
    expect(view.get().pending).toHaveLength(1);
    expect(asked[0]!.data).toEqual({ card: CARD.id, column: REVIEW, version: CARD.version, after: null });
    expect(card().column).toBe(TODO);
  });

  test("ends once its event has been applied, not before", async () => {
    asked[0]!.resolve({ seq: 11, card: { ...CARD, column: REVIEW } });
    await settled();
    expect(view.get().pending).toHaveLength(1);
    applied = 11;
    mover.settle();
    expect(view.get().pending).toHaveLength(0);
  });

  test("made while another is under way waits, and the last place wins", async () => {
    mover.move(card(), to(TODO));
    mover.move(card(), { ...to(REVIEW), place: { before: null } });
    expect(asked).toHaveLength(1);
    applied = 11;
    asked[0]!.resolve({ seq: 11, card: { ...CARD, column: REVIEW } });
    await settled();
    expect(asked).toHaveLength(2);
    expect(asked[1]!.data).toMatchObject({ column: REVIEW, before: null });
  });
});

describe("a refused move", () => {
  test("slides back and says that the column is full", async () => {
    await refuse("wip_limit", { column: REVIEW, limit: 5, count: 5 });
    expect(view.get().pending).toEqual([]);
    expect(note()).toBe("Review is full (5 of 5). Move a card out or ask an owner to raise the limit.");
  });

  test("gives way to the place asked for since", async () => {
    mover.move(card(), to(TODO));
    await refuse("wip_limit", { column: REVIEW, limit: 5, count: 5 });
    expect(asked).toHaveLength(2);
    expect(asked[1]!.data).toMatchObject({ column: TODO, version: CARD.version });
    expect(note()).toBeUndefined();
  });

  test("by a column that was full when the card was dropped says the same, and asks nothing of the server", () => {
    const dropped = { ...CARD, id: "card2" };
    view.update((state) => ({ ...state, pending: [] }));
    mover.refuse(dropped.id, { name: "Review", wip_limit: 5 }, 5);
    expect(view.get().notes[dropped.id]?.text).toBe("Review is full (5 of 5). Move a card out or ask an owner to raise the limit.");
    expect([asked.length, view.get().pending.length]).toEqual([1, 0]);
  });

  test("that was overtaken says who moved the card and where to", async () => {
    lastMover = { id: "b", username: "bob", kind: "human" };
    await refuse("stale_version", { card: { ...CARD, column: REVIEW, rank: 1, version: 2 } });
    expect(view.get().pending).toEqual([]);
    expect(note()).toBe("bob moved #1 to Review a moment ago. It stays there.");
  });

  test("that was overtaken by an event still on its way names nobody", async () => {
    await refuse("stale_version", { card: { ...CARD, column: REVIEW, rank: 1, version: 2 } });
    expect(note()).toBe("#1 was moved to Review a moment ago. It stays there.");
  });

  test("is tried once more in silence when the card still lies where it was seen", async () => {
    const edited = { card: { ...CARD, version: 5 } };
    await refuse("stale_version", edited);
    expect(asked).toHaveLength(2);
    expect(asked[1]!.data["version"]).toBe(5);
    expect(asked[1]!.ref).not.toBe(asked[0]!.ref);
    expect(note()).toBeUndefined();
    await refuse("stale_version", edited);
    expect(asked).toHaveLength(2);
    expect(note()).toContain("#1");
  });
});
