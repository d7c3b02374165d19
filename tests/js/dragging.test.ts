import { beforeEach, expect, test, vi } from "vitest";
import { endDragOf } from "../../boards/ui/dragging";
import type { BoardModel } from "../../boards/ui/model";
import { drag } from "../../boards/ui/dnd";
import { showToast } from "../../project/ui/toast";
import { ALICE, BOB, event } from "./room_events";

vi.mock("../../project/ui/toast", () => ({ showToast: vi.fn() }));

/** Cards with a move that has no answer yet. */
let moving: Set<string>;
const taken = (type: string, data: Record<string, unknown>, actor = BOB) => {
  const model = { me: ALICE, mover: { forget: (card: string) => moving.delete(card) } } as unknown as BoardModel;
  endDragOf(model)({ ...event(type, data), actor });
  return vi.mocked(showToast).mock.calls.map(([{ text }]) => text);
};

beforeEach(() => {
  vi.mocked(showToast).mockClear();
  moving = new Set(["card1"]);
  drag.set(null);
});

test("a card that is taken away while it is dragged ends the drag", () => {
  drag.set({ card: "card2", over: { column: "todo", index: 0, refused: false }, ended: false });
  expect(taken("card_archived", { card: { id: "card2" } })).toEqual(["bob archived the card you were moving."]);
  expect(drag.get()).toEqual({ card: "card2", over: null, ended: true });
});

test("one whose move waited for its answer doesn't go without a word", () => {
  expect(taken("card_deleted", { card: "card1" })).toEqual(["bob deleted the card you were moving."]);
  expect(moving.size).toBe(0);
});

test("others, and what I took away myself, need none", () => {
  expect(taken("card_deleted", { card: "card3" })).toEqual([]);
  expect(taken("card_archived", { card: { id: "card1" } }, ALICE)).toEqual([]);
  expect(taken("card_moved", { card: "card1" })).toEqual([]);
});
