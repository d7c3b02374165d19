/** "Move to…": column and place by name, the twin of dragging. */
import { useState } from "preact/hooks";
import { Dialog } from "../../project/ui/Dialog";
import { useBoard, useView } from "./context";
import { moveTo } from "./keys";
import { countText, wipState } from "./limits";
import type { BoardLists } from "./lists";
import type { Card } from "./types";

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
  const submit = (event: Event) => {
    event.preventDefault();
    onClose();
    // Places are named among all cards, whatever the filters hide.
    moveTo(tools, { ...lists, shown: lists.all }, card, column, at === "end" ? others.length : Number(at));
  };
  const choose = (next: string) => {
    setColumn(next);
    setAt("0");
  };
  return (
    <Dialog title={`Move #${card.number} ${card.title}`} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <ColumnChoice lists={lists} home={card.column} value={column} onChange={choose} />
        <PlaceChoice others={others} value={at} onChange={setAt} />
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

interface ColumnChoiceProps {
  lists: BoardLists;
  /** The card's own column, which it may be moved inside of even when full. */
  home: string;
  value: string;
  onChange(column: string): void;
}

function ColumnChoice({ lists, home, value, onChange }: ColumnChoiceProps) {
  return (
    <label class="field">
      <span class="label">Column</span>
      <select class="input" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {lists.columns.map(({ id, name, wip_limit }) => {
          const count = lists.all[id]?.length ?? 0;
          const full = id !== home && wipState(count, wip_limit) !== "open";
          return (
            <option key={id} value={id} disabled={full}>
              {name} ({countText(count, wip_limit)}
              {full && ", full"})
            </option>
          );
        })}
      </select>
    </label>
  );
}

function PlaceChoice({ others, value, onChange }: { others: Card[]; value: string; onChange(at: string): void }) {
  return (
    <label class="field">
      <span class="label">Place</span>
      <select class="input" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="0">Top</option>
        <option value="end">Bottom</option>
        {others.map((each, index) => (
          <option key={each.id} value={String(index + 1)}>
            After #{each.number} {each.title}
          </option>
        ))}
      </select>
    </label>
  );
}
