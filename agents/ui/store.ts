/** What the inbox shows: rows as the server lists them, and those that ended a moment ago still in their place. Pure. */
import { today } from "../../project/ui/text";
import type { Request } from "../../sessions/ui/types";
import type { InboxRow } from "./types";

export interface InboxState {
  rows: Record<string, InboxRow>;
  /** Until when a row that ended here stays where it was, in epoch milliseconds. */
  stays: Record<string, number>;
  /** Rows that are no longer this user's to see; they stay as long as one that ended. */
  gone: Record<string, InboxRow>;
}

export interface Group {
  key: "mine" | "others" | "answered" | "withdrawn";
  title: string;
  rows: InboxRow[];
}

export const STAYS_MS = 10_000;

function index(rows: InboxRow[]): Record<string, InboxRow> {
  return Object.fromEntries(rows.map((row) => [row.request.id, row]));
}

export function isOpen(row: InboxRow): boolean {
  return row.request.status === "open";
}

export function fromLists(open: InboxRow[], ended: InboxRow[]): InboxState {
  return { rows: index([...ended, ...open]), stays: {}, gone: {} };
}

/** The state after the server has listed its rows anew. */
export function takeLists(state: InboxState, open: InboxRow[], ended: InboxRow[], now: number): InboxState {
  const rows = index([...ended, ...open]);
  const before = Object.values(state.rows).filter(isOpen);
  const lost = before.filter(({ request }) => !rows[request.id]);
  const over = before.filter(({ request }) => !rows[request.id] || !isOpen(rows[request.id]!));
  const stays = { ...state.stays, ...Object.fromEntries(over.map(({ request }) => [request.id, now + STAYS_MS])) };
  return forget({ rows, stays, gone: { ...state.gone, ...index(lost) } }, now);
}

function forget({ rows, stays, gone }: InboxState, now: number): InboxState {
  const kept = Object.fromEntries(Object.entries(stays).filter(([, until]) => until > now));
  const stillGone = Object.fromEntries(Object.entries(gone).filter(([id]) => id in kept && !rows[id]));
  return { rows, stays: kept, gone: stillGone };
}

/** Take in a request that is newer than what is shown: an answer of mine, or the one that was first. */
export function takeRequest(state: InboxState, request: Request, now: number): InboxState {
  const row = state.rows[request.id];
  if (!row) return state;
  const ended = request.status === "open" ? null : (row.ended ?? new Date(now).toISOString());
  const stays = isOpen(row) && ended ? { ...state.stays, [request.id]: now + STAYS_MS } : state.stays;
  return { ...state, rows: { ...state.rows, [request.id]: { ...row, request, ended } }, stays };
}

export function rowOf(state: InboxState, id: string | null): InboxRow | null {
  return id === null ? null : (state.rows[id] ?? state.gone[id] ?? null);
}

function oldestFirst(a: InboxRow, b: InboxRow): number {
  return Date.parse(a.request.created) - Date.parse(b.request.created) || a.request.id.localeCompare(b.request.id);
}

function newestEndFirst(a: InboxRow, b: InboxRow): number {
  return Date.parse(b.ended ?? "") - Date.parse(a.ended ?? "");
}

/** Waits for an answer; over for an answer, or without one. */
export function isWaiting({ key }: Group): boolean {
  return key === "mine" || key === "others";
}

/** The run ended, or the time was over, before anybody answered. */
export function isWithdrawn({ request }: InboxRow): boolean {
  return request.status === "cancelled" || request.status === "expired";
}

function waitingGroup(key: "mine" | "others", rows: InboxRow[]): Group {
  const whom = key === "mine" ? "you" : "others";
  return { key, title: rows.some(isOpen) ? `Waiting for ${whom}` : `No longer waiting for ${whom}`, rows };
}

/** The groups that have rows, in their order. */
export function groupsOf(state: InboxState, now: number): Group[] {
  const stays = (row: InboxRow) => (state.stays[row.request.id] ?? 0) > now;
  const all = [...Object.values(state.rows), ...Object.values(state.gone).filter(stays)];
  const placed = all.filter((row) => isOpen(row) || stays(row)).sort(oldestFirst);
  const day = today(new Date(now));
  const over = all.filter((row) => !placed.includes(row) && row.ended !== null && today(new Date(row.ended)) === day).sort(newestEndFirst);
  const groups: Group[] = [
    waitingGroup("mine", placed.filter((row) => row.may_answer)),
    waitingGroup("others", placed.filter((row) => !row.may_answer)),
    { key: "answered", title: "Answered today", rows: over.filter((row) => !isWithdrawn(row)) },
    { key: "withdrawn", title: "Withdrawn today", rows: over.filter(isWithdrawn) },
  ];
  return groups.filter(({ rows }) => rows.length > 0);
}

/** How many wait for this user. */
export function countWaiting(state: InboxState): number {
  return Object.values(state.rows).filter((row) => isOpen(row) && row.may_answer).length;
}

/** Where a request comes from: "Launch · #12 Landing page · Questions about Launch". */
export function placeWords({ board, card, session }: InboxRow): string {
  const named = card ? `#${card.number} ${card.title}` : null;
  const room = session.title && session.title !== card?.title ? session.title : null;
  return [board?.name, named, room].filter(Boolean).join(" · ") || "A room of your own";
}
