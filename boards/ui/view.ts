/** What the board page draws from: the confirmed state, and what is only this page's: pending work, notes, marks. */
import type { User } from "../../project/ui/wire";
import type { PendingMove } from "./moves";
import type { BoardState } from "./store";

/** A refusal or correction written on its card until it is dismissed or 8 s have passed. */
export interface CardNote {
  text: string;
  tone: "danger" | "info";
  id: number;
}

/** Somebody else's change, shown as a tint and, for moves, the mover's avatar. */
export interface Mark {
  by: User | null;
  moved: boolean;
  id: number;
}

/** A card that was typed here and has no answer yet. */
export interface Draft {
  ref: string;
  column: string;
  title: string;
}

export interface BoardView {
  state: BoardState;
  pending: PendingMove[];
  drafts: Draft[];
  notes: Record<string, CardNote>;
  marks: Record<string, Mark>;
}

export function emptyView(state: BoardState): BoardView {
  return { state, pending: [], drafts: [], notes: {}, marks: {} };
}

export function omit<T>(record: Record<string, T>, key: string): Record<string, T> {
  if (!(key in record)) return record;
  const { [key]: _, ...rest } = record;
  return rest;
}
