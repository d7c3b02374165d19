/** One comment; its author or an owner may change or delete it. */
import { useState } from "preact/hooks";
import { Avatar } from "../../../project/ui/avatar";
import { asCommandError } from "../../../project/ui/errors";
import { Markdown } from "../../../project/ui/Markdown";
import { Menu } from "../../../project/ui/Menu";
import { explain } from "../../../project/ui/microcopy";
import { Time } from "../../../project/ui/time";
import { CommandForm } from "../CommandForm";
import { useBoard, useCanEdit, useIsOwner } from "../context";
import type { Comment } from "../types";

export function CommentView({ comment }: { comment: Comment }) {
  const { model } = useBoard();
  const owner = useIsOwner();
  const canEdit = useCanEdit();
  const [editing, setEditing] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const mine = (canEdit && comment.author.id === model.me.id) || owner;
  const remove = () =>
    model.edit("delete_comment", { comment: comment.id }).catch((cause: unknown) => setError(explain(asCommandError(cause), { noun: "comment" })));
  return (
    <article class="comment">
      <Avatar user={comment.author} decorative />
      <div class="grow stack">
        <header class="row comment-head">
          <strong>{comment.author.username}</strong>
          {comment.author.kind === "agent" && <span class="chip tone-agent">agent</span>}
          <Time at={comment.created} class="meta" />
          {comment.updated !== comment.created && <span class="meta">edited</span>}
          <span class="grow" />
          {mine && !editing && (
            <Menu
              label="Comment menu"
              groups={[
                {
                  items: [
                    { label: "Edit", onSelect: () => setEditing(true) },
                    { label: "Delete", icon: "trash", danger: true, onSelect: () => void remove() },
                  ],
                },
              ]}
            />
          )}
        </header>
        {editing ? <Editor comment={comment} onClose={() => setEditing(false)} /> : <Markdown html={comment.html} text={comment.content} />}
        {error && <p class="field-error">{error}</p>}
      </div>
    </article>
  );
}

function Editor({ comment, onClose }: { comment: Comment; onClose(): void }) {
  const { model } = useBoard();
  const [text, setText] = useState(comment.content);
  return (
    <CommandForm
      submit="Save"
      run={() => model.edit("edit_comment", { comment: comment.id, content: text })}
      onDone={onClose}
      onCancel={onClose}
      subject={{ noun: "comment", text }}
      disabled={text.trim() === ""}
    >
      <textarea class="input" rows={4} autofocus aria-label="Comment, Markdown" value={text} onInput={(event) => setText(event.currentTarget.value)} />
    </CommandForm>
  );
}
