/** Rename a column or set its limit; delete it and say where its cards go. */
import { useState } from "preact/hooks";
import { Dialog } from "../../project/ui/Dialog";
import { plural } from "../../project/ui/text";
import { CommandForm } from "./CommandForm";
import { useBoard, useView } from "./context";
import type { BoardLists } from "./lists";
import type { Column } from "./types";

interface EditProps {
  column: string;
  field: "name" | "limit";
  onClose(): void;
}

export function ColumnDialog({ column: id, field, onClose }: EditProps) {
  const column = useView((view) => view.state.columns[id]);
  if (!column) return null;
  return field === "name" ? <RenameDialog column={column} onClose={onClose} /> : <LimitDialog column={column} onClose={onClose} />;
}

function RenameDialog({ column, onClose }: { column: Column; onClose(): void }) {
  const { model } = useBoard();
  const [name, setName] = useState(column.name);
  return (
    <Dialog title="Rename column" onClose={onClose}>
      <CommandForm submit="Rename" run={() => model.edit("edit_column", { column: column.id, name })} onDone={onClose} onCancel={onClose} disabled={name.trim() === ""}>
        <label class="field">
          <span class="label">Name</span>
          <input class="input" autofocus value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
      </CommandForm>
    </Dialog>
  );
}

function LimitDialog({ column, onClose }: { column: Column; onClose(): void }) {
  const { model } = useBoard();
  const [limit, setLimit] = useState(column.wip_limit === null ? "" : String(column.wip_limit));
  const value = limit === "" ? null : Number(limit);
  return (
    <Dialog title={`Limit of ${column.name}`} onClose={onClose}>
      <CommandForm submit="Save" run={() => model.edit("edit_column", { column: column.id, wip_limit: value })} onDone={onClose} onCancel={onClose}>
        <label class="field">
          <span class="label">Most cards at once</span>
          <input class="input" type="number" min={1} autofocus value={limit} onInput={(event) => setLimit(event.currentTarget.value)} />
          <span class="meta">People and agents are refused alike when it is reached. Leave it empty for no limit.</span>
        </label>
      </CommandForm>
    </Dialog>
  );
}

export function DeleteColumnDialog({ column: id, lists, onClose }: { column: string; lists: BoardLists; onClose(): void }) {
  const { model } = useBoard();
  const column = useView((view) => view.state.columns[id]);
  const others = lists.columns.filter((each) => each.id !== id);
  const [target, setTarget] = useState(others[0]?.id ?? "");
  if (!column) return null;
  const count = lists.all[id]?.length ?? 0;
  // Archived cards need a new column too, so one is always named when there is one.
  const run = () => model.now("delete_column", target ? { column: id, move_cards_to: target } : { column: id });
  if (count > 0 && others.length === 0) {
    return (
      <Dialog title={`Delete ${column.name}`} onClose={onClose}>
        <p>It is the only column and holds {plural(count, "card")}. Add another column for them first.</p>
      </Dialog>
    );
  }
  return (
    <Dialog title={`Delete ${column.name}`} onClose={onClose}>
      <CommandForm submit="Delete column" danger run={run} onDone={onClose} onCancel={onClose} subject={{ noun: "column" }}>
        {count === 0 ? (
          <p>No card is in it. Archived cards of this column go to {others[0]?.name ?? "no other column"}. It can't be brought back.</p>
        ) : (
          <label class="field">
            <span class="label">Its {plural(count, "card")} move to the end of</span>
            <select class="input" value={target} onChange={(event) => setTarget(event.currentTarget.value)}>
              {others.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.name}
                </option>
              ))}
            </select>
          </label>
        )}
      </CommandForm>
    </Dialog>
  );
}
