/** One sentence per event of a card's history. Pure. */
import type { StreamEvent } from "../../../project/ui/wire";
import type { Column } from "../types";

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
  card_edited: () => "edited it",
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

/** "moved it from To do to Review": what the event's actor did. */
export function activitySentence(event: StreamEvent, columns: Record<string, Column>): string {
  return SENTENCES[event.type]?.(event.data, columns) ?? event.type.replaceAll("_", " ");
}
