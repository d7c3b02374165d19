/** A new column at the end of the board. */
import { useState } from "preact/hooks";
import { asCommandError } from "../../project/ui/errors";
import { Icon } from "../../project/ui/icons";
import { explain, firstFieldMessage } from "../../project/ui/microcopy";
import { useBoard } from "./context";

export function AddColumn({ isFirst }: { isFirst: boolean }) {
  const [open, setOpen] = useState(false);
  if (open) return <AddColumnForm onClose={() => setOpen(false)} />;
  return (
    <div class="add-column">
      {isFirst && <p class="muted">A board needs a column before it can hold cards.</p>}
      <button type="button" class={isFirst ? "button primary" : "button quiet"} onClick={() => setOpen(true)}>
        <Icon name="add" /> {isFirst ? "Add the first column" : "Add a column"}
      </button>
    </div>
  );
}

function AddColumnForm({ onClose }: { onClose(): void }) {
  const { model } = useBoard();
  const [name, setName] = useState("");
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setError(null);
    try {
      await model.edit("create_column", { name });
      onClose();
    } catch (cause) {
      const refused = asCommandError(cause);
      setError(firstFieldMessage(refused) ?? explain(refused, { noun: "board" }));
    }
  };
  return (
    <form class="add-column open" onSubmit={submit}>
      <input
        class="input"
        aria-label="Name of the new column"
        placeholder="Name of the column"
        value={name}
        ref={(input) => input?.focus()}
        aria-invalid={error !== null}
        onInput={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && onClose()}
      />
      {error && <p class="field-error" role="alert">{error}</p>}
      <div class="row">
        <button type="submit" class="button primary small" disabled={name.trim() === ""}>
          Add column
        </button>
        <button type="button" class="button quiet small" onClick={onClose}>
          Close
        </button>
      </div>
    </form>
  );
}
