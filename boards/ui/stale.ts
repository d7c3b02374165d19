/** Changing one field of a card against what others did meanwhile. */
import { asCommandError, type CommandError } from "../../project/ui/errors";
import { explain, firstFieldMessage } from "../../project/ui/microcopy";
import type { BoardModel } from "./model";
import type { ChecklistItem, FullCard } from "./types";

export interface FieldValues {
  title: string;
  description: string;
  assignee: string | null;
  labels: string[];
  due: string | null;
  checklist: ChecklistItem[];
}

export type Field = keyof FieldValues;

const READ: { [F in Field]: (card: FullCard) => FieldValues[F] } = {
  title: (card) => card.title,
  description: (card) => card.description,
  assignee: (card) => card.assignee?.id ?? null,
  labels: (card) => card.labels,
  due: (card) => card.due,
  checklist: (card) => card.checklist,
};

export function readField<F extends Field>(card: FullCard, field: F): FieldValues[F] {
  return READ[field](card);
}

export type Outcome<F extends Field> =
  | { kind: "saved" }
  | { kind: "conflict"; theirs: FieldValues[F]; by: string }
  | { kind: "refused"; text: string };

export interface Change<F extends Field> {
  card: string;
  field: F;
  /** The value the user started from. */
  base: FieldValues[F];
  /** The new value, made from the value that is current: lists re-apply their change, texts ignore it. */
  next(current: FieldValues[F]): FieldValues[F];
  /** Whether `next` may be applied to a value that somebody else has changed. */
  merges: boolean;
}

const TRIES = 4;

/** The current card that a `stale_version` refusal carries. */
export function currentCard(error: CommandError): FullCard | undefined {
  if (error.code !== "stale_version") return undefined;
  return error.data["card"] as FullCard | undefined;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function conflict<F extends Field>(current: FullCard, field: F): Outcome<F> {
  return { kind: "conflict", theirs: readField(current, field), by: current.updated_by.username };
}

/** Send the field; while the server's value is still the base (or the change merges), a stale version is retried silently. */
export async function saveField<F extends Field>(model: BoardModel, change: Change<F>): Promise<Outcome<F>> {
  const { card, field, base, merges } = change;
  const known = model.state.details[card];
  if (known && !merges && !same(readField(known, field), base)) return conflict(known, field);
  let version = (known ?? model.state.cards[card])?.version ?? 0;
  let value = change.next(known ? readField(known, field) : base);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      await model.edit("edit_card", { card, version, [field]: value });
      return { kind: "saved" };
    } catch (cause) {
      const error = asCommandError(cause);
      const current = currentCard(error);
      if (!current) return { kind: "refused", text: firstFieldMessage(error) ?? explain(error) };
      const theirs = readField(current, field);
      if (!merges && !same(theirs, base)) return conflict(current, field);
      version = current.version;
      value = change.next(theirs);
    }
  }
  return { kind: "refused", text: "Others are changing this card at the same time. Try again in a moment." };
}
