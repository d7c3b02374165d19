/** A new comment: kept as a draft, sent with Ctrl or Cmd and Enter, still in the box when sending failed. */
import { useState } from "preact/hooks";
import { newRef } from "../../../project/ui/api";
import { loadDraft, saveDraft } from "../../../project/ui/drafts";
import { asCommandError } from "../../../project/ui/errors";
import { Icon } from "../../../project/ui/icons";
import { explain, firstFieldMessage } from "../../../project/ui/microcopy";
import { useSlow } from "../slow";
import { SavingNote } from "../CardView";
import { useBoard } from "../context";

/** The text of a new comment and its sending; the same text sent again is the same command. */
function useNewComment(card: string) {
  const { model } = useBoard();
  const [text, setText] = useState(() => loadDraft(card, "comment") ?? "");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [ref, setRef] = useState(newRef);
  const change = (value: string) => {
    setText(value);
    setRef(newRef());
    saveDraft(card, "comment", value);
  };
  const send = async () => {
    if (text.trim() === "" || busy) return;
    setBusy(true);
    setError(null);
    try {
      await model.edit("comment_card", { card, content: text }, ref);
      change("");
    } catch (cause) {
      const refused = asCommandError(cause);
      setError(firstFieldMessage(refused) ?? explain(refused, { text }));
    }
    setBusy(false);
  };
  return { text, error, busy, change, send };
}

export function CommentBox({ card }: { card: string }) {
  const { text, error, busy, change, send } = useNewComment(card);
  const slow = useSlow(busy);
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        class="input"
        rows={3}
        data-field="comment"
        aria-label="Write a comment, Markdown"
        placeholder="Write a comment"
        value={text}
        disabled={busy}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
        }}
      />
      {error && (
        <p class="field-error" role="alert">
          <Icon name="error" /> {error}
        </p>
      )}
      {(text !== "" || busy) && (
        <div class="row">
          <button type="submit" class="button primary small" disabled={busy || text.trim() === ""}>
            {error ? "Retry" : "Comment"}
          </button>
          {slow && <SavingNote />}
        </div>
      )}
    </form>
  );
}
