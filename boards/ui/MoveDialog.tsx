/** "Move to…": column and place by name, the twin of dragging. */
import { useState } from "preact/hooks";
import { Dialog } from "../../project/ui/Dialog";
import { useBoard, useView } from "./context";
import { moveTo } from "./keys";
import { countText, wipState } from "./limits";
import type { BoardLists } from "./lists";

interface Props {
  card: string;
  lists: BoardLists;
  onClose(): void;
}

export function MoveDialog({ card: id, lists, onClose }: Props) {
  const tools = useBoard();
  const card = useView((view) => view.state.cards[id]);
  const [column, setColumn] = useState(card?.column ?? "");
  const [at, setAt] = useState("0");
  if (!card) return null;
  const others = (lists.all[column] ?? []).filter((each) => each.id !== id);
  const isFull = (columnId: string) => {
    const target = lists.columns.find((each) => each.id === columnId);
    return columnId !== card.column && wipState(lists.all[columnId]?.length ?? 0, target?.wip_limit ?? null) !== "open";
  };
  const submit = (event: Event) => {
    event.preventDefault();
    onClose();
    // Places are named among all cards, whatever the filters hide.
    moveTo(tools, { ...lists, shown: lists.all }, card, column, at === "end" ? others.length : Number(at));
  };
  return (
    <Dialog title={`Move #${card.number} ${card.title}`} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <label class="field">
          <span class="label">Column</span>
          <select
            class="input"
            value={column}
            onChange={(event) => {
              setColumn(event.currentTarget.value);
              setAt("0");
            }}
          >
            {lists.columns.map((each) => (
              <option key={each.id} value={each.id} disabled={isFull(each.id)}>
                {each.name} ({countText(lists.all[each.id]?.length ?? 0, each.wip_limit)}
                {isFull(each.id) ? ", full" : ""})
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span class="label">Place</span>
          <select class="input" value={at} onChange={(event) => setAt(event.currentTarget.value)}>
            <option value="0">Top</option>
            <option value="end">Bottom</option>
            {others.map((each, index) => (
              <option key={each.id} value={String(index + 1)}>
                After #{each.number} {each.title}
              </option>
            ))}
          </select>
        </label>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Move
          </button>
        </div>
      </form>
    </Dialog>
  );
}
