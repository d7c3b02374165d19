/** Labels as chips with a field that completes from the board's own labels. Two people's additions merge. */
import { useId, useState } from "preact/hooks";
import { Icon } from "../../../project/ui/icons";
import { useView } from "../context";
import type { Card, FullCard } from "../types";
import { ChoiceNote } from "./Fields";
import { useSave } from "./use_save";

interface Props {
  card: Card | FullCard;
  readOnly: boolean;
}

export function LabelsField({ card, readOnly }: Props) {
  const saver = useSave(card.id, "labels");
  const add = (label: string) => saver.save(card.labels, (current) => (current.includes(label) ? current : [...current, label]), true);
  const remove = (label: string) => void saver.save(card.labels, (current) => current.filter((each) => each !== label), true);
  return (
    <div class="field labels-field">
      <span class="label">Labels</span>
      <div class="row wrap">
        {card.labels.map((label) => (
          <Label key={label} label={label} onRemove={readOnly ? null : () => remove(label)} />
        ))}
        {readOnly && card.labels.length === 0 && <span class="read-only">None</span>}
        {!readOnly && <LabelInput used={card.labels} onAdd={add} />}
      </div>
      <ChoiceNote state={saver.state} what="labels" />
    </div>
  );
}

function Label({ label, onRemove }: { label: string; onRemove: (() => void) | null }) {
  return (
    <span class="chip removable">
      <span class="clip">{label}</span>
      {onRemove && (
        <button type="button" class="chip-remove" aria-label={`Remove label ${label}`} onClick={onRemove}>
          <Icon name="close" />
        </button>
      )}
    </span>
  );
}

function LabelInput({ used, onAdd }: { used: string[]; onAdd(label: string): Promise<boolean> }) {
  const [text, setText] = useState("");
  const cards = useView((view) => view.state.cards);
  const list = useId();
  const known = [...new Set(Object.values(cards).flatMap((each) => each.labels))].filter((label) => !used.includes(label)).sort();
  const add = async (typed: string) => {
    const label = typed.trim();
    setText("");
    if (label !== "" && !(await onAdd(label))) setText(label);
  };
  return (
    <>
      <input
        class="input label-input"
        data-field="labels"
        list={list}
        maxLength={40}
        aria-label="Add a label"
        placeholder="Add a label"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          // Esc takes back what was typed, before the focus leaves and would add it.
          if (event.key === "Escape") event.currentTarget.value = "";
          if (event.key !== "Enter") return;
          event.preventDefault();
          void add(event.currentTarget.value);
        }}
        onBlur={(event) => void add(event.currentTarget.value)}
      />
      <datalist id={list}>
        {known.map((label) => (
          <option key={label} value={label} />
        ))}
      </datalist>
    </>
  );
}
