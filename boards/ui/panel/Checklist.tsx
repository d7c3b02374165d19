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

/** The list with what this page has asked for and the server hasn't confirmed yet. */
function useChecklist(card: FullCard) {
  const saver = useSave(card.id, "checklist");
  const [asked, setAsked] = useState<Edit[]>([]);
  const change = async (edit: Edit) => {
    setAsked((edits) => [...edits, edit]);
    const saved = await saver.save(card.checklist, edit, true);
    setAsked((edits) => edits.filter((each) => each !== edit));
    return saved;
  };
  return { items: asked.reduce((list, edit) => edit(list), card.checklist), state: saver.state, change };
}

function adding(item: ChecklistItem): Edit {
  return (list) => (list.some((each) => each.id === item.id) ? list : [...list, item]);
}

function patching(id: string, fields: Partial<ChecklistItem>): Edit {
  return (list) => list.map((item) => (item.id === id ? { ...item, ...fields } : item));
}

function removing(id: string): Edit {
  return (list) => list.filter((item) => item.id !== id);
}

export function Checklist({ card, readOnly }: Props) {
  const { items, state, change } = useChecklist(card);
  const done = items.filter((item) => item.done).length;
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
          <Item key={item.id} item={item} readOnly={readOnly} onPatch={(fields) => void change(patching(item.id, fields))} onRemove={() => void change(removing(item.id))} />
        ))}
      </ul>
      {!readOnly && <AddItem onAdd={(text) => change(adding({ id: newRef(), text, done: false }))} />}
      <ChoiceNote state={state} what="checklist" />
    </section>
  );
}

function AddItem({ onAdd }: { onAdd(text: string): Promise<boolean> }) {
  const [text, setText] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    const item = text.trim();
    if (item === "") return;
    setText("");
    if (!(await onAdd(item))) setText(item);
  };
  return (
    <form class="row" onSubmit={submit}>
      <input class="input grow" aria-label="New checklist item" placeholder="Add an item" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <button type="submit" class="button small" disabled={text.trim() === ""}>
        Add
      </button>
    </form>
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
