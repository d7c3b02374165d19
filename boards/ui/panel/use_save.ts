/** The life of one edited field: clean, saving, saved (fades), refused, or in conflict with somebody else's change. */
import { useState } from "preact/hooks";
import { announce, announceFailure } from "../../../project/ui/announcer";
import { useBoard } from "../context";
import { type Change, type Field, type FieldValues, saveField } from "../stale";

export type SaveState<F extends Field> =
  | { kind: "clean" | "saving" | "saved" }
  | { kind: "refused"; text: string }
  | { kind: "conflict"; mine: FieldValues[F]; theirs: FieldValues[F]; by: string };

const FADE_MS = 2000;

export interface Saver<F extends Field> {
  state: SaveState<F>;
  /** Resolves to true when the server has it. */
  save(base: FieldValues[F], next: (current: FieldValues[F]) => FieldValues[F], merges?: boolean): Promise<boolean>;
  reset(): void;
}

export function useSave<F extends Field>(card: string, field: F): Saver<F> {
  const { model } = useBoard();
  const [state, setState] = useState<SaveState<F>>({ kind: "clean" });
  const reset = () => setState({ kind: "clean" });
  const save: Saver<F>["save"] = async (base, next, merges = false) => {
    setState({ kind: "saving" });
    const change: Change<F> = { card, field, base, next, merges };
    const outcome = await saveField(model, change);
    if (outcome.kind === "saved") {
      setState({ kind: "saved" });
      announce("Saved.");
      setTimeout(() => setState((current) => (current.kind === "saved" ? { kind: "clean" } : current)), FADE_MS);
      return true;
    }
    if (outcome.kind === "conflict") setState({ ...outcome, mine: next(base) });
    else setState(outcome);
    announceFailure(outcome.kind === "refused" ? outcome.text : `${outcome.by} changed the ${field} meanwhile.`);
    return false;
  };
  return { state, save, reset };
}
