/** The card's comments, newest last, and the box for a new one. */
import { useEffect, useState } from "preact/hooks";
import { useBoard, useCanEdit, useView } from "../context";
import type { Card, FullCard } from "../types";
import { CommentBox } from "./CommentBox";
import { CommentView } from "./CommentView";
import { GreyLines, LoadFailed } from "./PanelFrame";

export function Comments({ card }: { card: Card | FullCard }) {
  const { model } = useBoard();
  const canEdit = useCanEdit();
  const list = useView((view) => view.state.comments[card.id]);
  const [loaded, setLoaded] = useState<"loading" | "ready" | "failed">("loading");
  const load = () => {
    setLoaded("loading");
    model.loadComments(card.id).then(
      () => setLoaded("ready"),
      () => setLoaded("failed"),
    );
  };
  useEffect(load, [card.id]);
  const comments = list?.items ?? [];
  return (
    <div class="stack comments">
      {loaded === "loading" && comments.length === 0 && card.comment_count > 0 && <GreyLines />}
      {loaded === "failed" && <LoadFailed what="Comments" onRetry={load} />}
      {loaded === "ready" && comments.length === 0 && <p class="muted">No comments.</p>}
      {comments.map((comment) => (
        <CommentView key={comment.id} comment={comment} />
      ))}
      {canEdit && !card.archived && <CommentBox card={card.id} />}
    </div>
  );
}
