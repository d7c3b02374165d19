/** One request of the inbox in full: where it comes from, the box to answer it, and the way to its room. */
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../project/ui/icons";
import { PlainText } from "../../sessions/ui/PlainText";
import { RequestBox } from "../../sessions/ui/RequestBox";
import type { Layout } from "./InboxPage";
import type { InboxRow } from "./types";

interface Props {
  row: InboxRow | null;
  layout: Layout;
  onClose(): void;
}

export function RequestDetail({ row, layout, onClose }: Props) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (layout === "phone") box.current?.focus();
  }, []);
  return (
    <article ref={box} class="inbox-detail" tabIndex={-1} aria-label="Request">
      {layout === "phone" && (
        <button type="button" class="button quiet inbox-back" onClick={onClose}>
          <Icon name="back" /> Inbox
        </button>
      )}
      {row ? <Detail row={row} /> : <Missing />}
    </article>
  );
}

function Missing() {
  return <p class="muted">This request isn't in your inbox any more. It was answered some time ago, or its board isn't open to you.</p>;
}

function Detail({ row }: { row: InboxRow }) {
  return (
    <>
      <Place row={row} />
      <RequestBox request={row.request} canAnswer={row.may_answer} withChanges={row.with_changes} />
    </>
  );
}

function Place({ row: { board, card, session } }: { row: InboxRow }) {
  return (
    <p class="inbox-links">
      {board && <a href={`/boards/${board.id}/`}>{board.name}</a>}
      {board && card && (
        <a href={`/boards/${board.id}/cards/${card.number}/`}>
          #{card.number} <PlainText text={card.title} />
        </a>
      )}
      <a href={`/sessions/${session.id}/`}>
        <Icon name="room" /> Open room
      </a>
    </p>
  );
}
