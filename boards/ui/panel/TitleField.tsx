/** The title, edited in place: Enter or leaving the field saves, Esc takes it back. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Card, FullCard } from "../types";
import { Conflict } from "./Conflict";
import { SaveNote } from "./SaveNote";
import { useSave } from "./use_save";
import { useTint } from "./use_tint";

interface Props {
  card: Card | FullCard;
  readOnly: boolean;
}

export function TitleField({ card, readOnly }: Props) {
  const [text, setText] = useState<string | null>(null);
  const base = useRef(card.title);
  const field = useRef<HTMLTextAreaElement>(null);
  const saver = useSave(card.id, "title");
  const tint = useTint(card, card.title);
  const editing = text !== null;
  useLayoutEffect(() => {
    if (!editing) return;
    field.current?.focus();
    field.current?.select();
  }, [editing]);
  const edit = () => {
    base.current = card.title;
    setText(card.title);
  };
  const save = async (value: string, from: string) => {
    const title = value.trim();
    if (title === "" || title === card.title) setText(null);
    else if (await saver.save(from, () => title)) setText(null);
  };
  const { state } = saver;
  if (!editing) {
    return (
      <div class="title-box">
        <h2 class={`panel-title ${tint}`}>
          {readOnly ? (
            card.title
          ) : (
            <button type="button" class="title-button" data-field="title" title="Edit the title (e)" onClick={edit}>
              {card.title}
            </button>
          )}
        </h2>
        <SaveNote state={state} />
      </div>
    );
  }
  return (
    <div class="stack title-box">
      {state.kind === "conflict" && (
        <Conflict
          field="title"
          {...state}
          onKeepMine={() => void save(state.mine, state.theirs)}
          onTakeTheirs={() => {
            saver.reset();
            setText(null);
          }}
        />
      )}
      <textarea
        ref={field}
        class="input panel-title"
        rows={2}
        aria-label="Title"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={() => state.kind === "clean" && void save(text, base.current)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.preventDefault();
            event.stopPropagation();
            saver.reset();
            setText(null);
          }
          if (event.key !== "Enter" || event.isComposing) return;
          event.preventDefault();
          void save(text, base.current);
        }}
      />
      <SaveNote state={state} />
    </div>
  );
}
