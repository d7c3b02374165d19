/** Order of columns and cards, and where a place lies in a list (PROTOCOL §3, "Places"). */
import type { Card, Place } from "./types";

export const GAP = 65_536;

interface Ranked {
  id: string;
  rank: number;
}

export function byRank(a: Ranked, b: Ranked): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

/** The unarchived cards of one column, in order. */
export function cardsOf(cards: Record<string, Card>, column: string): Card[] {
  return Object.values(cards)
    .filter((card) => card.column === column)
    .sort(byRank);
}

export type Columned = Record<string, Card[]>;

/** Cards by column, in order. Lists that did not change keep their identity, so that their columns needn't render. */
export function groupCards(cards: Record<string, Card>, columns: string[], previous: Columned = {}): Columned {
  const groups: Columned = Object.fromEntries(columns.map((id) => [id, []]));
  for (const card of Object.values(cards)) groups[card.column]?.push(card);
  return keepSame(mapLists(groups, (list) => list.sort(byRank)), previous);
}

export function mapLists(groups: Columned, change: (list: Card[], column: string) => Card[]): Columned {
  return Object.fromEntries(Object.entries(groups).map(([id, list]) => [id, change(list, id)]));
}

export function keepSame(groups: Columned, previous: Columned): Columned {
  return mapLists(groups, (list, id) => {
    const old = previous[id];
    return old && old.length === list.length && old.every((card, index) => card === list[index]) ? old : list;
  });
}

/** The index a place means in `list`; at the end when its neighbour is gone, as the server decides. */
export function indexOf(list: Ranked[], place: Place): number {
  const named = place.after ?? place.before;
  const at = named == null ? -1 : list.findIndex((card) => card.id === named);
  if (place.after !== undefined && place.after !== null) return at < 0 ? list.length : at + 1;
  if (place.after === null) return 0;
  return at < 0 ? list.length : at;
}

/** The place right below the nearest of `above` (nearest first) that is still in `list`; the top when all are gone. */
export function survivingPlace(list: Ranked[], above: string[]): Place {
  const present = new Set(list.map((card) => card.id));
  const neighbour = above.find((id) => present.has(id));
  return { after: neighbour ?? null };
}
