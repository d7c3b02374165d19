/** The title, edited in place: Enter or leaving the field saves, Esc takes it back. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Card, FullCard } from "../types";
import { Conflict } from "./Conflict";
import { SaveNote } from "./SaveNote";
import { type Saver, useSave } from "./use_save";
import { useTint } from "./use_tint";

interface Props {
  card: Card | FullCard;
  readOnly: boolean;
}

export function TitleField({ card, readOnly }: Props) {
  const [editing, setEditing] = useState(false);
  const saver = useSave(card.id, "title");
  const tint = useTint(card, card.title);
  if (editing) return <TitleEditor card={card} saver={saver} onDone={() => setEditing(false)} />;
  return (
    <div class="title-box">
      <h2 class={`panel-title ${tint}`}>
        {readOnly ? (
          card.title
        ) : (
          <button type="button" class="title-button" data-field="title" title="Edit the title (e)" onClick={() => setEditing(true)}>
            {card.title}
          </button>
        )}
      </h2>
      <SaveNote state={saver.state} />
    </div>
  );
}

interface EditorProps {
  card: Card | FullCard;
  saver: Saver<"title">;
  onDone(): void;
}

function TitleEditor({ card, saver, onDone }: EditorProps) {
  const base = useRef(card.title);
  const [text, setText] = useState(card.title);
  const { state } = saver;
  const cancel = () => {
    saver.reset();
    onDone();
  };
  const save = async (value: string, from: string) => {
    const title = value.trim();
    if (title === "" || title === card.title || (await saver.save(from, () => title))) onDone();
  };
  return (
    <div class="stack title-box">
      {state.kind === "conflict" && <Conflict field="title" {...state} onKeepMine={() => void save(state.mine, state.theirs)} onTakeTheirs={cancel} />}
      <TitleInput text={text} onChange={setText} onSave={() => void save(text, base.current)} onCancel={cancel} savesOnBlur={state.kind === "clean"} />
      <SaveNote state={state} />
    </div>
  );
}

interface InputProps {
  text: string;
  onChange(text: string): void;
  onSave(): void;
  onCancel(): void;
  savesOnBlur: boolean;
}

function TitleInput({ text, onChange, onSave, onCancel, savesOnBlur }: InputProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const keys: Record<string, () => void> = { Enter: onSave, Escape: onCancel };
  return (
    <textarea
      ref={field}
      class="input panel-title"
      rows={2}
      aria-label="Title"
      value={text}
      onInput={(event) => onChange(event.currentTarget.value)}
      onBlur={() => savesOnBlur && onSave()}
      onKeyDown={(event) => {
        const act = event.isComposing ? undefined : keys[event.key];
        if (!act) return;
        event.preventDefault();
        event.stopPropagation();
        act();
      }}
    />
  );
}
