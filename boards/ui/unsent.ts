/** Text that was typed on this board and never sent, for the page that says the board is closed to this user. */
import { loadDraft } from "../../project/ui/drafts";
import type { BoardState } from "./store";

export function unsentTexts(state: BoardState): string[] {
  const ofColumns = Object.keys(state.columns).map((column) => loadDraft(column, "add"));
  const ofCards = Object.keys(state.cards).flatMap((card) => ["comment", "description", "hand_over"].map((field) => loadDraft(card, field)));
  return [...ofColumns, ...ofCards].filter((text) => text !== null);
}
