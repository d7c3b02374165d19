/** Moves the server hasn't confirmed: kept apart from the confirmed board and laid over it when drawing. Pure. */
import { type Columned, indexOf, mapLists, survivingPlace } from "./order";
import type { Card, Place } from "./types";

export interface Target {
  column: string;
  place: Place;
  /** Cards above the target, nearest first, in case the neighbour disappears. */
  above: string[];
}

export interface PendingMove extends Target {
  card: string;
  ref: string;
  /** Where the card lay when the user moved it. */
  base: { column: string; rank: number; version: number };
  since: number;
  /** One silent second try after a stale version. */
  retried: boolean;
  /** The last place asked for while this move is under way. */
  next: Target | null;
  /** The stream position that contains this move, once the server has said so. */
  settledAt: number | null;
}

/**
 * The target of dropping at `at` among `ids` (which don't hold the card). What was seen may have changed meanwhile:
 * the nearest neighbours that are still `present` count.
 */
export function targetAt(column: string, ids: string[], at: number, present: ReadonlySet<string>): Target {
  const above = ids.slice(0, at).reverse().filter((id) => present.has(id));
  const below = ids.slice(at).find((id) => present.has(id));
  return { column, place: placeBetween(above[0], below), above: above.slice(0, 20) };
}

function placeBetween(above: string | undefined, below: string | undefined): Place {
  if (above !== undefined) return { after: above };
  return below === undefined ? {} : { before: below };
}

function displayIndex(list: Card[], target: Target): number {
  const named = target.place.after ?? target.place.before;
  const survives = named == null || list.some((card) => card.id === named);
  return indexOf(list, survives ? target.place : survivingPlace(list, target.above));
}

/** The board as the user left it: confirmed lists with every pending card at its target. */
export function overlay(groups: Columned, pending: PendingMove[]): Columned {
  if (pending.length === 0) return groups;
  return pending.reduce((lists, move) => {
    const target = move.next ?? move;
    const card = Object.values(lists).flat().find((each) => each.id === move.card);
    if (!card || !lists[target.column]) return lists;
    const rest = mapLists(lists, (list) => list.filter((each) => each !== card));
    const list = rest[target.column]!;
    const at = displayIndex(list, target);
    const shown = card.column === target.column ? card : { ...card, column: target.column };
    return { ...rest, [target.column]: [...list.slice(0, at), shown, ...list.slice(at)] };
  }, groups);
}

/** Whether a stale answer may be retried silently: the card still lies where the user saw it. */
export function stillThere(move: PendingMove, current: { column: string; rank: number; archived: boolean } | undefined): boolean {
  if (!current || current.archived || move.retried) return false;
  return current.column === move.base.column && current.rank === move.base.rank;
}
