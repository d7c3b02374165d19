import { beforeEach, expect, test, vi } from "vitest";
import type { BoardState } from "../../boards/ui/store";
import { unsentTexts } from "../../boards/ui/unsent";

const STATE = { columns: { todo: {} }, cards: { card1: {} } } as unknown as BoardState;

beforeEach(() => {
  const kept = { "todo.add": "A card", "card1.comment": "A word", "card1.description": "Words", "card1.hand_over": "A wish", "card2.comment": "Elsewhere" };
  const data = JSON.stringify({ user: { id: "u1" } });
  vi.stubGlobal("document", { querySelector: () => ({ textContent: data }) });
  vi.stubGlobal("localStorage", { getItem: (key: string) => kept[key.replace("workroom.draft.u1.", "") as keyof typeof kept] ?? null });
});

test("whatever was typed on the board and never sent can be copied when it is closed", () => {
  expect(unsentTexts(STATE)).toEqual(["A card", "A word", "Words", "A wish"]);
});
