/** Column and due date: native controls, saved at once. */
import { announceFailure } from "../../../project/ui/announcer";
import { byRank, cardsOf } from "../order";
import { targetAt } from "../moves";
import { useBoard, useView } from "../context";
import { wipState } from "../limits";
import type { Card, FullCard } from "../types";
import { Due } from "../CardMeta";
import { SaveNote } from "./SaveNote";
import type { Field } from "../stale";
import { type SaveState, useSave } from "./use_save";

interface Props {
  card: Card | FullCard;
  readOnly: boolean;
}

/** For a choice there is nothing to keep: say who changed it, and let the user choose again. */
export function ChoiceNote<F extends Field>({ state, what }: { state: SaveState<F>; what: string }) {
  if (state.kind !== "conflict") return <SaveNote state={state} />;
  return (
    <p class="field-error">
      {state.by} changed the {what} at the same moment. Choose again if you still want yours.
    </p>
  );
}

export function ColumnField({ card, readOnly }: Props) {
  const { model } = useBoard();
  const columns = useView((view) => view.state.columns);
  const cards = useView((view) => view.state.cards);
  const note = useView((view) => view.notes[card.id]);
  const pending = useView((view) => view.pending.find((move) => move.card === card.id));
  const here = pending?.next?.column ?? pending?.column ?? card.column;
  const sorted = Object.values(columns).sort(byRank);
  if (readOnly) return <ReadOnly label="Column">{columns[card.column]?.name ?? "–"}</ReadOnly>;
  const move = (column: string) => {
    const summary = cards[card.id];
    if (!summary) {
      announceFailure("This card can't be moved now.");
      return;
    }
    const ids = cardsOf(cards, column).map((each) => each.id).filter((id) => id !== card.id);
    model.mover.move(summary, targetAt(column, ids, ids.length, new Set(ids)));
  };
  return (
    <label class="field">
      <span class="label">Column</span>
      <select class="input" value={here} onChange={(event) => move(event.currentTarget.value)}>
        {sorted.map((column) => {
          const full = column.id !== here && wipState(cardsOf(cards, column.id).length, column.wip_limit) !== "open";
          return (
            <option key={column.id} value={column.id} disabled={full}>
              {column.name}
              {full && " (full)"}
            </option>
          );
        })}
      </select>
      {note && <span class={note.tone === "danger" ? "field-error" : "meta"}>{note.text}</span>}
    </label>
  );
}

export function DueField({ card, readOnly }: Props) {
  const saver = useSave(card.id, "due");
  if (readOnly) return <ReadOnly label="Due">{card.due ? <Due due={card.due} /> : "No date"}</ReadOnly>;
  const save = (value: string) => {
    if ((value || null) !== card.due) void saver.save(card.due, pick(value || null));
  };
  return (
    <div class="field">
      <label class="label" for="card-due">
        Due
      </label>
      <div class="row">
        <input id="card-due" class="input grow" type="date" data-field="due" value={card.due ?? ""} onChange={(event) => save(event.currentTarget.value)} />
        {card.due && (
          <button type="button" class="button quiet small" onClick={() => save("")}>
            Clear
          </button>
        )}
      </div>
      <ChoiceNote state={saver.state} what="due date" />
    </div>
  );
}

/** A value that doesn't depend on what stood there. */
export function pick<T>(value: T): () => T {
  return () => value;
}

export function ReadOnly({ label, children }: { label: string; children: preact.ComponentChildren }) {
  return (
    <div class="field">
      <span class="label">{label}</span>
      <div class="read-only">{children}</div>
    </div>
  );
}
