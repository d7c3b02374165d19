/** One sentence per event of a card's history. Pure. */
import { dateLabel } from "../../../project/ui/text";
import type { Page, StreamEvent } from "../../../project/ui/wire";
import type { Column, FullCard } from "../types";

type Sentence = (data: Record<string, unknown>, columns: Record<string, Column>) => string;

function nameOf(columns: Record<string, Column>, id: unknown): string {
  return columns[String(id)]?.name ?? "a column that is gone";
}

const moved: Sentence = (data, columns) =>
  data["column"] === data["from_column"]
    ? `moved it within ${nameOf(columns, data["column"])}`
    : `moved it from ${nameOf(columns, data["from_column"])} to ${nameOf(columns, data["column"])}`;

const RUN_WORDS: Record<string, string> = {
  queued: "a run is in line",
  running: "a run is under way",
  waiting: "a run waits for an answer",
  cancelling: "a run is being stopped",
  completed: "a run brought its report",
  failed: "a run failed",
  cancelled: "a run was stopped",
};

const run: Sentence = (data) => RUN_WORDS[(data["run"] as { status?: string } | null)?.status ?? ""] ?? "the agents' work changed";

const SENTENCES: Record<string, Sentence> = {
  card_created: () => "made this card",
  card_archived: () => "archived it",
  card_restored: () => "restored it",
  card_deleted: () => "deleted it",
  card_moved: moved,
  comment_added: () => "commented",
  comment_edited: () => "edited a comment",
  comment_deleted: () => "deleted a comment",
  column_deleted: () => "deleted its column",
  run_changed: run,
};

function runState(event: StreamEvent): string | null {
  const state = event.type === "run_changed" ? (event.data["run"] as { id?: string; status?: string } | null) : null;
  return state ? `${state.id} ${state.status}` : null;
}

/** Events with older ones behind them, each once. */
export function withOlder(events: StreamEvent[], older: StreamEvent[]): StreamEvent[] {
  const known = new Set(events.map(({ id }) => id));
  return [...events, ...older.filter(({ id }) => !known.has(id))];
}

/** The newest page in front of what the reader has opened, unless events are missing between the two. */
export function withNewest(newest: Page<StreamEvent>, known: Page<StreamEvent> | null): Page<StreamEvent> {
  const results = withOlder(newest.results, known?.results ?? []);
  const isJoined = known !== null && results.length < newest.results.length + known.results.length;
  return isJoined ? { results, next: known.next } : newest;
}

/** Without what only repeats how a run stands, as its progress does: the first word of each stands. `events` are newest first. */
export function withoutRepeats(events: StreamEvent[]): StreamEvent[] {
  return events.filter((event, at) => {
    const state = runState(event);
    const before = events.slice(at + 1).map(runState).find((each) => each !== null);
    return state === null || state !== before;
  });
}

/** What an edit changed, told from the card before and after it. */
const CHANGES: ((before: FullCard, after: FullCard) => string | null)[] = [
  (before, after) => (before.title === after.title ? null : `renamed it from "${before.title}"`),
  (before, after) => (before.description === after.description ? null : "changed the description"),
  (before, after) => (before.assignee?.id === after.assignee?.id ? null : after.assignee ? `assigned it to ${after.assignee.username}` : "took the assignee off"),
  (before, after) => (before.due === after.due ? null : after.due ? `set the due date to ${dateLabel(after.due)}` : "removed the due date"),
  (before, after) => (before.labels.join() === after.labels.join() ? null : "changed the labels"),
  (before, after) => (JSON.stringify(before.checklist) === JSON.stringify(after.checklist) ? null : "changed the checklist"),
];

function cardOf(event: StreamEvent): FullCard | undefined {
  const card = event.data["card"];
  return typeof card === "object" && card !== null && "title" in card ? (card as FullCard) : undefined;
}

function edited(event: StreamEvent, earlier: StreamEvent[]): string {
  const after = cardOf(event);
  const before = earlier.map(cardOf).find((card) => card !== undefined);
  const changes = after && before ? CHANGES.map((change) => change(before, after)).filter((words) => words !== null) : [];
  return changes.join(", ") || "edited it";
}

/** "moved it from To do to Review": what the event's actor did. `earlier` are the events before it, newest first. */
export function activitySentence(event: StreamEvent, columns: Record<string, Column>, earlier: StreamEvent[] = []): string {
  if (event.type === "card_edited") return edited(event, earlier);
  return SENTENCES[event.type]?.(event.data, columns) ?? event.type.replaceAll("_", " ");
}
