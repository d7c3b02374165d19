/** Under a field: saving, saved, or why not. */
import { Icon } from "../../../project/ui/icons";
import type { Field } from "../stale";
import { useSlow } from "../slow";
import type { SaveState } from "./use_save";

export function SaveNote<F extends Field>({ state }: { state: SaveState<F> }) {
  const slow = useSlow(state.kind === "saving");
  if (slow) return <span class="meta save-note">Saving…</span>;
  if (state.kind === "saved") return <span class="meta save-note saved">Saved</span>;
  if (state.kind !== "refused") return null;
  return (
    <p class="field-error">
      <Icon name="error" /> {state.text}
    </p>
  );
}
