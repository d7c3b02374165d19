/** A new board: its name and its first columns, then straight to it with the quick add open. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { api, newRef } from "../../project/ui/api";
import { asCommandError } from "../../project/ui/errors";
import { Icon } from "../../project/ui/icons";
import { explain, firstFieldMessage } from "../../project/ui/microcopy";
import type { Board } from "./types";

const COLUMNS = ["To do", "In progress", "Review", "Done"];

/** What is typed, and the making; retrying the same is the same command. */
function useNewBoard() {
  const [name, setName] = useState("");
  const [columns, setColumns] = useState(COLUMNS);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const ref = useRef(newRef());
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const names = columns.map((column) => column.trim()).filter(Boolean);
      const { board } = await api.post<{ board: Board }>("boards/", { name, columns: names }, ref.current);
      location.assign(`/boards/${board.id}/?add=1`);
    } catch (cause) {
      const refused = asCommandError(cause);
      setError(firstFieldMessage(refused) ?? explain(refused, { noun: "board" }));
      if (refused.code === "invalid") ref.current = newRef();
      setBusy(false);
    }
  };
  const rename = (at: number, to: string) => setColumns(columns.map((each, index) => (index === at ? to : each)));
  return { name, columns, error, busy, setName, rename, submit };
}

export function NewBoard({ onClose }: { onClose(): void }) {
  const { name, columns, error, busy, setName, rename, submit } = useNewBoard();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  return (
    <form class="new-board" onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <label class="field">
        <span class="label">Name</span>
        <input ref={field} class="input" value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <fieldset class="new-columns">
        <legend class="label">Columns</legend>
        {columns.map((column, at) => (
          <input key={at} class="input" aria-label={`Column ${at + 1}`} placeholder="Left out" value={column} onInput={(event) => rename(at, event.currentTarget.value)} />
        ))}
      </fieldset>
      {error && (
        <p class="field-error" role="alert">
          <Icon name="error" /> {error}
        </p>
      )}
      <div class="row">
        <button type="submit" class="button primary" disabled={busy || name.trim() === ""}>
          {busy ? "Making it…" : "Create board"}
        </button>
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}
