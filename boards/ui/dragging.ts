/** What a drop means for the board, and what happens to a drag whose card is taken away. */
import { announce } from "../../project/ui/announcer";
import { showToast } from "../../project/ui/toast";
import type { StreamEvent } from "../../project/ui/wire";
import type { BoardTools } from "./context";
import { type Drop, drag } from "./dnd";
import type { BoardLists } from "./lists";
import type { BoardModel } from "./model";
import { targetAt } from "./moves";

/** Carry out a drop; dropping in place sends nothing. */
export function dropCard({ model }: BoardTools, lists: BoardLists, { card: id, column, index, ids }: Drop): void {
  const card = model.state.cards[id];
  if (!card || !model.state.columns[column]) return;
  const drawn = lists.shown[column] ?? [];
  if (drawn.findIndex((each) => each.id === id) === index && card.column === column) return;
  const present = new Set(ids.filter((each) => model.state.cards[each] !== undefined));
  const target = targetAt(column, ids, index, present);
  model.mover.move(card, target);
  const neighbour = model.state.cards[target.place.after ?? ""];
  if (lists.filtered && neighbour) model.marks.note(id, `Placed after #${neighbour.number}; filters hide some cards.`, "info");
}

const TAKEN: Record<string, string> = { card_archived: "archived", card_deleted: "deleted" };

/** A listener that ends the drag, or the move under way, of a card somebody archives or deletes meanwhile. */
export function endDragOf(model: BoardModel): (event: StreamEvent) => void {
  return (event) => {
    const verb = TAKEN[event.type];
    if (!verb) return;
    const data = event.data["card"];
    const id = typeof data === "string" ? data : (data as { id: string }).id;
    const wasMoving = model.mover.forget(id);
    const state = drag.get();
    if (state?.card === id) drag.set({ ...state, over: null, ended: true });
    else if (!wasMoving || event.actor?.id === model.me.id) return;
    const text = `${event.actor?.username ?? "Someone"} ${verb} the card you were moving.`;
    showToast({ text });
    announce(text);
  };
}
