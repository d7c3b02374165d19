/** Items to tick, saved at once; a tick made while somebody else edits is re-applied by item id. */
import { useState } from "preact/hooks";
import { newRef } from "../../../project/ui/api";
import { Icon } from "../../../project/ui/icons";
import type { ChecklistItem, FullCard } from "../types";
import { ChoiceNote } from "./Fields";
import { useSave } from "./use_save";

type Edit = (items: ChecklistItem[]) => ChecklistItem[];

interface Props {
  card: FullCard;
  readOnly: boolean;
}

export function Checklist({ card, readOnly }: Props) {
  const saver = useSave(card.id, "checklist");
  /** What this page has asked for and the server hasn't confirmed yet. */
  const [asked, setAsked] = useState<Edit[]>([]);
  const [text, setText] = useState("");
  const items = asked.reduce((list, edit) => edit(list), card.checklist);
  const done = items.filter((item) => item.done).length;
  const change = async (edit: Edit) => {
    setAsked((edits) => [...edits, edit]);
    const saved = await saver.save(card.checklist, edit, true);
    setAsked((edits) => edits.filter((each) => each !== edit));
    return saved;
  };
  const patch = (id: string, fields: Partial<ChecklistItem>) => void change((list) => list.map((item) => (item.id === id ? { ...item, ...fields } : item)));
  const add = async () => {
    const title = text.trim();
    if (title === "") return;
    setText("");
    const item = { id: newRef(), text: title, done: false };
    if (!(await change((list) => (list.some((each) => each.id === item.id) ? list : [...list, item])))) setText(title);
  };
  if (readOnly && items.length === 0) return null;
  return (
    <section class="panel-section">
      <div class="section-head">
        <h3>Checklist</h3>
        {items.length > 0 && (
          <span class="meta num">
            {done} of {items.length}
          </span>
        )}
      </div>
      <ul class="plain checklist">
        {items.map((item) => (
          <Item key={item.id} item={item} readOnly={readOnly} onPatch={(fields) => patch(item.id, fields)} onRemove={() => void change((list) => list.filter((each) => each.id !== item.id))} />
        ))}
      </ul>
      {!readOnly && (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <input class="input grow" aria-label="New checklist item" placeholder="Add an item" value={text} onInput={(event) => setText(event.currentTarget.value)} />
          <button type="submit" class="button small" disabled={text.trim() === ""}>
            Add
          </button>
        </form>
      )}
      <ChoiceNote state={saver.state} what="checklist" />
    </section>
  );
}

interface ItemProps {
  item: ChecklistItem;
  readOnly: boolean;
  onPatch(fields: Partial<ChecklistItem>): void;
  onRemove(): void;
}

function Item({ item, readOnly, onPatch, onRemove }: ItemProps) {
  return (
    <li class="row">
      <label class="row grow check-item">
        <input type="checkbox" checked={item.done} disabled={readOnly} onChange={(event) => onPatch({ done: event.currentTarget.checked })} />
        <span class={item.done ? "muted" : ""}>{item.text}</span>
      </label>
      {!readOnly && (
        <button type="button" class="icon-button" aria-label={`Remove ${item.text}`} title="Remove" onClick={onRemove}>
          <Icon name="close" />
        </button>
      )}
    </li>
  );
}
