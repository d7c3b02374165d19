/** The description: the server's rendering to read, plain Markdown to write, a draft that survives a reload. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { loadDraft, saveDraft } from "../../../project/ui/drafts";
import { Markdown } from "../../../project/ui/Markdown";
import { length } from "../../../project/ui/text";
import type { FullCard } from "../types";
import { Conflict } from "./Conflict";
import { SaveNote } from "./SaveNote";
import { useSave } from "./use_save";
import { useTint } from "./use_tint";

const MAX = 16_000;

interface Props {
  card: FullCard;
  readOnly: boolean;
}

export function DescriptionField({ card, readOnly }: Props) {
  const [editing, setEditing] = useState(() => !readOnly && loadDraft(card.id, "description") !== null);
  return (
    <section class="panel-section">
      <div class="section-head">
        <h3>Description</h3>
        {!readOnly && !editing && card.description !== "" && (
          <button type="button" class="button quiet small" onClick={() => setEditing(true)}>
            Edit
          </button>
        )}
      </div>
      {editing && !readOnly ? <Editor card={card} onClose={() => setEditing(false)} /> : <Reading card={card} onEdit={readOnly ? null : () => setEditing(true)} />}
    </section>
  );
}

function Reading({ card, onEdit }: { card: FullCard; onEdit: (() => void) | null }) {
  const tint = useTint(card, card.description);
  if (card.description !== "") return <Markdown html={card.html} text={card.description} class={tint} />;
  if (!onEdit) return <p class="muted">No description.</p>;
  return (
    <button type="button" class="button quiet small section-empty" onClick={onEdit}>
      Add a description
    </button>
  );
}

/** The editor's text, its draft and its saving. */
function useEditing(card: FullCard, onClose: () => void) {
  const draft = useRef(loadDraft(card.id, "description"));
  const base = useRef(card.description);
  const [text, setText] = useState(draft.current ?? card.description);
  const [restored, setRestored] = useState(draft.current !== null && draft.current !== card.description);
  const saver = useSave(card.id, "description");
  const close = () => {
    saveDraft(card.id, "description", null);
    setRestored(false);
    onClose();
  };
  const change = (value: string) => {
    setText(value);
    saveDraft(card.id, "description", value === base.current ? null : value);
  };
  const save = async (value = text, from = base.current) => {
    if (value === card.description || (await saver.save(from, () => value))) close();
  };
  return { text, restored, hadDraft: draft.current !== null, state: saver.state, change, save, close };
}

function Editor({ card, onClose }: { card: FullCard; onClose(): void }) {
  const { text, restored, hadDraft, state, change, save, close } = useEditing(card, onClose);
  const over = length(text) > MAX;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {restored && (
        <p class="meta row">
          Draft restored
          <button type="button" class="button link" onClick={close}>
            Discard
          </button>
        </p>
      )}
      {state.kind === "conflict" && <Conflict field="description" {...state} onKeepMine={() => void save(state.mine, state.theirs)} onTakeTheirs={close} />}
      <TextArea text={text} over={over} focus={!hadDraft} onChange={change} onSave={() => void save()} />
      {over && <TooLong text={text} />}
      <SaveNote state={state} />
      <div class="row">
        <button type="submit" class="button primary small" disabled={over || state.kind === "saving"}>
          Save
        </button>
        <button type="button" class="button small" onClick={close}>
          Cancel
        </button>
        <span class="meta">Markdown</span>
      </div>
    </form>
  );
}

interface TextAreaProps {
  text: string;
  over: boolean;
  focus: boolean;
  onChange(text: string): void;
  onSave(): void;
}

function TextArea({ text, over, focus, onChange, onSave }: TextAreaProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    if (focus) field.current?.focus();
  }, []);
  return (
    <textarea
      ref={field}
      class="input"
      rows={8}
      aria-label="Description, Markdown"
      aria-invalid={over}
      value={text}
      onInput={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onSave();
      }}
    />
  );
}

function TooLong({ text }: { text: string }) {
  return (
    <p class="field-error">
      That's too long: {length(text).toLocaleString("en")} of {MAX.toLocaleString("en")} characters.
    </p>
  );
}
