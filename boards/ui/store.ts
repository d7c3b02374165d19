/** The board as the log tells it: a snapshot, and `apply` with one small function per event type. Pure. */
import type { StreamEvent } from "../../project/ui/wire";
import { byRank, cardsOf, GAP } from "./order";
import type { Board, Card, CardRun, Column, Comment, FullCard, Member, Snapshot } from "./types";

/** Comments of a card that was opened. `removed` outlives the list, for deletions seen while it loads. */
export interface CommentList {
  items: Comment[];
  removed: string[];
}

const NO_COMMENTS: CommentList = { items: [], removed: [] };

export interface BoardState {
  board: Board;
  columns: Record<string, Column>;
  cards: Record<string, Card>;
  members: Record<string, Member>;
  /** Cards in full, once opened; archived ones stay here while their panel is open. */
  details: Record<string, FullCard>;
  comments: Record<string, CommentList>;
  deleted: boolean;
}

type Handler<D> = (state: BoardState, data: D, event: StreamEvent) => BoardState;

function index<T>(rows: T[], key: (row: T) => string): Record<string, T> {
  return Object.fromEntries(rows.map((row) => [key(row), row]));
}

function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  const { [key]: _, ...rest } = record;
  return rest;
}

/** The state of a snapshot; what an earlier state knew of opened cards is kept until it is fetched again. */
export function fromSnapshot(snapshot: Snapshot["state"], before?: BoardState): BoardState {
  return {
    board: snapshot.board,
    columns: index(snapshot.columns, (column) => column.id),
    cards: index(snapshot.cards, (card) => card.id),
    members: index(snapshot.members, (member) => member.user.id),
    details: before?.details ?? {},
    comments: before?.comments ?? {},
    deleted: false,
  };
}

export function summarise(full: FullCard): Card {
  const { description, html: _html, checklist, ...rest } = full;
  return {
    ...rest,
    has_description: description !== "",
    checklist_done: checklist.filter((item) => item.done).length,
    checklist_total: checklist.length,
  };
}

/** A full card into the state: its summary unless archived, its details when it was opened before. */
function putCard(state: BoardState, full: FullCard): BoardState {
  const details = full.id in state.comments ? { ...state.details, [full.id]: full } : state.details;
  const cards = full.archived ? without(state.cards, full.id) : { ...state.cards, [full.id]: summarise(full) };
  return { ...state, cards, details };
}

function patchCard(state: BoardState, id: string, patch: Partial<Card>): BoardState {
  const card = state.cards[id];
  const full = state.details[id];
  return {
    ...state,
    cards: card ? { ...state.cards, [id]: { ...card, ...patch } } : state.cards,
    details: full ? { ...state.details, [id]: { ...full, ...patch } } : state.details,
  };
}

function countComments(state: BoardState, id: string, change: number): BoardState {
  const card = state.cards[id] ?? state.details[id];
  return card ? patchCard(state, id, { comment_count: card.comment_count + change }) : state;
}

const byTime = (a: Comment, b: Comment) => a.created.localeCompare(b.created) || a.id.localeCompare(b.id);

function putComment(state: BoardState, comment: Comment): BoardState {
  const list = state.comments[comment.card];
  if (!list) return state;
  const items = [...list.items.filter((other) => other.id !== comment.id), comment].sort(byTime);
  return { ...state, comments: { ...state.comments, [comment.card]: { ...list, items } } };
}

function dropComment(state: BoardState, { id, card }: Comment): BoardState {
  const list = state.comments[card];
  if (!list) return state;
  const next = { items: list.items.filter((other) => other.id !== id), removed: [...list.removed, id] };
  return { ...state, comments: { ...state.comments, [card]: next } };
}

function putColumn(state: BoardState, { column }: { column: Column }): BoardState {
  return { ...state, columns: { ...state.columns, [column.id]: column } };
}

/** Its cards follow behind the last of `moved_to`, one gap apart, each one version on. */
function deleteColumn(state: BoardState, { column, moved_to }: { column: string; moved_to: string | null }): BoardState {
  const left = { ...state, columns: without(state.columns, column) };
  if (moved_to === null) return left;
  const last = cardsOf(state.cards, moved_to).at(-1)?.rank ?? 0;
  return cardsOf(state.cards, column).reduce(
    (next, card, at) => patchCard(next, card.id, { column: moved_to, rank: last + GAP * (at + 1), version: card.version + 1 }),
    left,
  );
}

function renumber(state: BoardState, { column }: { column: string }): BoardState {
  return cardsOf(state.cards, column)
    .sort(byRank)
    .reduce((next, card, at) => patchCard(next, card.id, { rank: GAP * (at + 1) }), state);
}

function putMember(state: BoardState, { member }: { member: Member }): BoardState {
  return { ...state, members: { ...state.members, [member.user.id]: member } };
}

interface Moved {
  card: string;
  column: string;
  rank: number;
  version: number;
}

interface RunChanged {
  card: string;
  session_count: number;
  run: CardRun | null;
}

const HANDLERS = {
  card_created: ((state, { card }) => putCard(state, card)) as Handler<{ card: FullCard }>,
  card_edited: ((state, { card }) => putCard(state, card)) as Handler<{ card: FullCard }>,
  card_archived: ((state, { card }) => putCard(state, card)) as Handler<{ card: FullCard }>,
  card_restored: ((state, { card }) => putCard(state, card)) as Handler<{ card: FullCard }>,
  card_moved: ((state, { card, column, rank, version }) => patchCard(state, card, { column, rank, version })) as Handler<Moved>,
  card_deleted: ((state, { card }) => closeCard({ ...state, cards: without(state.cards, card) }, card)) as Handler<{ card: string }>,
  comment_added: ((state, { comment }) => putComment(countComments(state, comment.card, 1), comment)) as Handler<{ comment: Comment }>,
  comment_edited: ((state, { comment }) => putComment(state, comment)) as Handler<{ comment: Comment }>,
  comment_deleted: ((state, { comment }) => dropComment(countComments(state, comment.card, -1), comment)) as Handler<{ comment: Comment }>,
  column_created: putColumn as Handler<{ column: Column }>,
  column_edited: putColumn as Handler<{ column: Column }>,
  column_moved: putColumn as Handler<{ column: Column }>,
  column_deleted: deleteColumn as Handler<{ column: string; moved_to: string | null }>,
  ranks_renumbered: renumber as Handler<{ column: string }>,
  member_added: putMember as Handler<{ member: Member }>,
  member_changed: putMember as Handler<{ member: Member }>,
  member_removed: ((state, { member }) => ({ ...state, members: without(state.members, member.user.id) })) as Handler<{ member: Member }>,
  board_edited: ((state, { board }) => ({ ...state, board })) as Handler<{ board: Board }>,
  board_deleted: ((state) => ({ ...state, deleted: true })) as Handler<{ board: string }>,
  run_changed: ((state, { card, session_count, run }) => patchCard(state, card, { session_count, run })) as Handler<RunChanged>,
} satisfies Record<string, Handler<never>>;

export const EVENT_TYPES = Object.keys(HANDLERS);

/** The state after `event`. A type this page doesn't know is logged and changes nothing. */
export function apply(state: BoardState, event: StreamEvent): BoardState {
  const handler = (HANDLERS as Record<string, Handler<unknown>>)[event.type];
  if (!handler) {
    console.warn(`Unknown board event "${event.type}".`, event);
    return state;
  }
  return handler(state, event.data, event);
}

/** A card is about to be shown in full: from now on events keep what is fetched of it true, and its comments. */
export function openCard(state: BoardState, card: string): BoardState {
  return { ...state, comments: { [card]: NO_COMMENTS, ...state.comments } };
}

/** What events tell of a card without sending the whole of it. */
function toldOf({ column, rank, version, comment_count, session_count, run }: Card) {
  return { column, rank, version, comment_count, session_count, run };
}

export function closeCard(state: BoardState, card: string): BoardState {
  return { ...state, details: without(state.details, card), comments: without(state.comments, card) };
}

/** Take in a card fetched over REST, unless events have brought a newer one meanwhile. */
export function putDetail(state: BoardState, full: FullCard): BoardState {
  if ((state.details[full.id]?.version ?? 0) > full.version) return state;
  const summary = state.cards[full.id];
  return { ...state, details: { ...state.details, [full.id]: summary ? { ...full, ...toldOf(summary) } : full } };
}

/** Take in fetched comments; what events brought or removed meanwhile wins. */
export function putComments(state: BoardState, card: string, fetched: Comment[]): BoardState {
  const list = state.comments[card] ?? { items: [], removed: [] };
  const newer = new Set(list.items.map((comment) => comment.id));
  const kept = fetched.filter((comment) => !newer.has(comment.id) && !list.removed.includes(comment.id));
  return { ...state, comments: { ...state.comments, [card]: { ...list, items: [...kept, ...list.items].sort(byTime) } } };
}

/** The state as the snapshot endpoint would give it. */
export function toSnapshot(state: BoardState): Snapshot["state"] {
  const columns = Object.values(state.columns).sort(byRank);
  const place = new Map(columns.map((column, at) => [column.id, at]));
  const cards = Object.values(state.cards).sort((a, b) => (place.get(a.column) ?? 0) - (place.get(b.column) ?? 0) || byRank(a, b));
  const members = Object.values(state.members).sort((a, b) => a.user.id.localeCompare(b.user.id));
  return { board: state.board, columns, cards, members };
}
