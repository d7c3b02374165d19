/** What a refusal says on screen (docs/UI.md §11), by error code. */
import type { CommandError } from "./errors";
import { length, plural } from "./text";

export interface Subject {
  /** "card", "board", "room", "comment" … */
  noun?: string;
  /** The text that was too long. */
  text?: string;
  limit?: number;
}

type Sentence = (error: CommandError, subject: Subject) => string;

function wipLimit(error: CommandError): string {
  const { column, limit, count } = error.data as { column?: { name?: string } | string; limit?: number; count?: number };
  const name = typeof column === "object" && column?.name ? column.name : "The column";
  return `${name} is full (${count ?? "?"} of ${limit ?? "?"}). Move a card out or ask an owner to raise the limit.`;
}

function tooLarge(_: CommandError, { text, limit = 16_000 }: Subject): string {
  if (!text) return "That's too long. Shorten it and try again.";
  return `That's too long: ${length(text).toLocaleString("en")} of ${limit.toLocaleString("en")} characters.`;
}

function serverSide(error: CommandError): string {
  const id = error.data["error_id"];
  const reference = typeof id === "string" ? ` Reference ${id.slice(0, 8)}.` : "";
  return `Something went wrong on our side. Trying again is safe, it won't happen twice.${reference}`;
}

const SENTENCES: Record<string, Sentence> = {
  wip_limit: wipLimit,
  not_found: (_, { noun = "card" }) => `This ${noun} isn't here any more. Someone may have deleted it.`,
  forbidden: (_, { noun }) => (noun === "comment" ? "Only its author or an owner can change this comment." : "You can read this board but not change it."),
  rate_limited: (error) => `Too fast. You can send again in ${plural(error.retryAfter ?? 1, "second")}.`,
  too_large: tooLarge,
  unavailable: (error) => `The server is busy. Your change is kept; try again in ${plural(error.retryAfter ?? 4, "second")}.`,
  id_reused: serverSide,
  internal: serverSide,
};

/** The sentence for a refusal; the server's own message where the table has none. */
export function explain(error: CommandError, subject: Subject = {}): string {
  const sentence = SENTENCES[error.code];
  if (sentence) return sentence(error, subject);
  if (error.code === "invalid") return firstFieldMessage(error) ?? error.message;
  return error.message;
}

export function firstFieldMessage(error: CommandError): string | null {
  return Object.values(error.fields)[0]?.[0] ?? null;
}
