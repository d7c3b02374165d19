/** A new comment: kept as a draft, sent with Ctrl or Cmd and Enter, still in the box when sending failed. */
import { useState } from "preact/hooks";
import { newRef } from "../../../project/ui/api";
import { loadDraft, saveDraft } from "../../../project/ui/drafts";
import { asCommandError } from "../../../project/ui/errors";
import { Icon } from "../../../project/ui/icons";
import { explain, firstFieldMessage } from "../../../project/ui/microcopy";
import { useSlow } from "../slow";
import { useBoard } from "../context";

export function CommentBox({ card }: { card: string }) {
  const { model } = useBoard();
  const [text, setText] = useState(() => loadDraft(card, "comment") ?? "");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [ref, setRef] = useState(newRef);
  const slow = useSlow(busy);
  const change = (value: string) => {
    setText(value);
    saveDraft(card, "comment", value);
  };
  const send = async () => {
    if (text.trim() === "" || busy) return;
    setBusy(true);
    setError(null);
    try {
      await model.edit("comment_card", { card, content: text }, ref);
      change("");
      setRef(newRef());
    } catch (cause) {
      const refused = asCommandError(cause);
      setError(firstFieldMessage(refused) ?? explain(refused, { text }));
      // A refused text may be edited before it is sent again: that is another command.
      if (refused.code === "invalid" || refused.code === "too_large") setRef(newRef());
    }
    setBusy(false);
  };
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
        onInput={(event) => {
          change(event.currentTarget.value);
          setRef(newRef());
        }}
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
          {slow && <span class="meta">Saving…</span>}
        </div>
      )}
    </form>
  );
}
