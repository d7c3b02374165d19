/** Adding cards at the foot of a column: Enter adds and stays open, Esc closes, pasted lines become several cards. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { announceFailure } from "../../project/ui/announcer";
import { newRef } from "../../project/ui/api";
import { loadDraft, saveDraft } from "../../project/ui/drafts";
import { asCommandError, type CommandError } from "../../project/ui/errors";
import { Icon } from "../../project/ui/icons";
import { firstFieldMessage } from "../../project/ui/microcopy";
import { showToast } from "../../project/ui/toast";
import { useBoard, useUi } from "./context";
import { explainOn } from "./limits";
import type { BoardModel } from "./model";
import type { Column } from "./types";

const MAX_LINES = 50;
const TOLD_MS = 10_000;

async function createCard(model: BoardModel, column: string, title: string): Promise<void> {
  const ref = newRef();
  model.view.update((view) => ({ ...view, drafts: [...view.drafts, { ref, column, title }] }));
  try {
    await model.edit("create_card", { column, title }, ref);
  } finally {
    model.view.update((view) => ({ ...view, drafts: view.drafts.filter((draft) => draft.ref !== ref) }));
  }
}

export function QuickAdd({ column }: { column: Column }) {
  const { ui } = useBoard();
  const open = useUi((state) => state.adding === column.id);
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(open);
  useLayoutEffect(() => {
    if (wasOpen.current && !open && document.activeElement === document.body) button.current?.focus();
    wasOpen.current = open;
  }, [open]);
  if (open) return <QuickAddForm column={column} />;
  return (
    <button ref={button} type="button" class="button quiet quick-add-open" onClick={() => ui.patch({ adding: column.id })}>
      <Icon name="add" /> Add a card
    </button>
  );
}

/** The typed lines, and adding them one command each; what is refused stays in the field with the reason. */
function useNewCards(column: Column) {
  const { model } = useBoard();
  const [text, setText] = useState(loadDraft(column.id, "add") ?? "");
  const [error, setError] = useState<string | null>(null);
  const latest = useRef(text);
  const isShown = useRef(true);
  useEffect(() => () => void (isShown.current = false), []);
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const change = (value: string) => {
    latest.current = value;
    setText(value);
    saveDraft(column.id, "add", value.trim());
  };
  const addAll = async () => {
    if (lines.length === 0) return;
    setError(null);
    change("");
    const results = await Promise.allSettled(lines.slice(0, MAX_LINES).map((line) => createCard(model, column.id, line)));
    const refused = lines.filter((_, at) => results[at]?.status === "rejected" || at >= MAX_LINES);
    if (refused.length === 0) return;
    const first = results.find((result) => result.status === "rejected");
    const why = first ? reason(asCommandError(first.reason), column) : `The first ${MAX_LINES} were added. Add the rest now.`;
    setError(why);
    if (!isShown.current) tellAnyway(why);
    change([...refused, latest.current.trim()].filter(Boolean).join("\n"));
  };
  return { text, error, lines, change, addAll };
}

/** The field with its reason was closed meanwhile; the text is in it again when it is opened. */
function tellAnyway(why: string): void {
  showToast({ text: `Not added: ${why}` }, TOLD_MS);
  announceFailure(`Not added: ${why}`);
}

function reason(error: CommandError, column: Column): string {
  return firstFieldMessage(error) ?? explainOn({ [column.id]: column }, error);
}

function QuickAddForm({ column }: { column: Column }) {
  const { ui } = useBoard();
  const field = useRef<HTMLTextAreaElement>(null);
  const { text, error, lines, change, addAll } = useNewCards(column);
  // Before the next key is pressed, or its letters would be shortcuts.
  const asked = useUi((state) => state.asked);
  useLayoutEffect(() => field.current?.focus(), [asked]);
  const close = () => ui.patch({ adding: null });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") close();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void addAll();
  };
  return (
    <form
      class="quick-add"
      onSubmit={(event) => {
        event.preventDefault();
        void addAll();
      }}
    >
      <textarea
        ref={field}
        class="input"
        rows={Math.min(8, Math.max(2, text.split("\n").length))}
        aria-label={`Title of the new card in ${column.name}`}
        aria-invalid={error !== null}
        placeholder="Title of the card"
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {error && (
        <p class="field-error" role="alert">
          <Icon name="error" /> {error}
        </p>
      )}
      <div class="row">
        <button type="submit" class="button primary small">
          {lines.length > 1 ? `Add ${lines.length} cards` : "Add card"}
        </button>
        <button type="button" class="button quiet small" onClick={close}>
          Close
        </button>
      </div>
    </form>
  );
}
