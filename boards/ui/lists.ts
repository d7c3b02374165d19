/** The lists a board draws: confirmed order, own pending moves on top, filters, and stillness while dragging. */
import { useRef } from "preact/hooks";
import { useValue } from "../../project/ui/observable";
import { useUi, useView } from "./context";
import { drag } from "./dnd";
import { activeCount, matches } from "./filters";
import { overlay } from "./moves";
import { byRank, type Columned, groupCards, keepSame, mapLists } from "./order";
import type { Column } from "./types";

export interface BoardLists {
  columns: Column[];
  /** All cards, for counts and limits. */
  all: Columned;
  /** What the filters leave. */
  shown: Columned;
  filtered: boolean;
}

export function useLists(): BoardLists {
  const state = useView((view) => view.state);
  const pending = useView((view) => view.pending);
  const filters = useUi((ui) => ui.filters);
  const dragging = useValue(drag) !== null;
  const previous = useRef<BoardLists | null>(null);
  // While a card is dragged the rows under the pointer hold still; the drop is resolved by neighbour id.
  if (dragging && previous.current) return previous.current;
  const columns = Object.values(state.columns).sort(byRank);
  const ids = columns.map((column) => column.id);
  const all = keepSame(overlay(groupCards(state.cards, ids), pending), previous.current?.all ?? {});
  const filtered = activeCount(filters) > 0;
  const done = ids.length > 1 ? ids.at(-1) : undefined;
  const visible = filtered ? mapLists(all, (list, id) => list.filter((card) => matches(card, filters, id === done))) : all;
  const shown = keepSame(visible, previous.current?.shown ?? {});
  previous.current = { columns, all, shown, filtered };
  return previous.current;
}
