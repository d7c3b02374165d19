/** One card in its column: labels, title, meta, agent row, then what happened to my own change. */
import { memo } from "preact/compat";
import { useEffect, useRef } from "preact/hooks";
import { Avatar } from "../../project/ui/avatar";
import { Icon } from "../../project/ui/icons";
import { useSelected } from "../../project/ui/observable";
import { classes } from "../../project/ui/text";
import { AgentRow } from "./AgentRow";
import { CardMeta, cardName } from "./CardMeta";
import { useBoard, useUi, useView } from "./context";
import { drag, makeDraggable } from "./dnd";
import type { Card } from "./types";
import { useSlow } from "./slow";
import { Viewers } from "./Viewers";

interface Props {
  card: Card;
  canEdit: boolean;
  /** Reached by Tab; the other cards of the column by arrows. */
  tabbable: boolean;
  /** In the last of several columns. */
  finished: boolean;
}

export const CardView = memo(function CardView({ card, canEdit, tabbable, finished }: Props) {
  const { ui } = useBoard();
  const element = useRef<HTMLLIElement>(null);
  const pending = useView((view) => view.pending.some((move) => move.card === card.id));
  const mark = useView((view) => view.marks[card.id]);
  const dragging = useSelected(drag, (state) => state?.card === card.id && !state.ended);
  const open = useUi((state) => state.panel === card.number);
  const saving = useSlow(pending);
  useEffect(() => {
    if (element.current && canEdit) return makeDraggable(element.current, card.id);
  }, [card.id, canEdit]);
  return (
    <li
      ref={element}
      data-card={card.id}
      class={classes("card", canEdit && "movable", saving && "pending", open && "open", dragging && "dragging", mark && `tinted tint-${mark.id % 2}`)}
    >
      <div
        class="card-face"
        role="button"
        tabIndex={tabbable ? 0 : -1}
        aria-label={cardName(card, finished)}
        onFocus={() => ui.patch({ focus: card.id })}
        onClick={() => ui.openCard(card.number)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          ui.openCard(card.number);
        }}
      >
        <Labels labels={card.labels} />
        <p class="card-title">{card.title}</p>
        <CardMeta card={card} finished={finished} />
        {mark?.moved && mark.by && (
          <span class="card-mover">
            <Avatar user={mark.by} small />
          </span>
        )}
      </div>
      <Viewers card={card.id} />
      {card.run && <AgentRow card={card.id} name={`#${card.number} ${card.title}`} run={card.run} />}
      {saving && <SavingNote />}
      <Note card={card.id} />
    </li>
  );
});

/** What becomes of a change without an answer: on its way, or kept until there is a connection. */
export function SavingNote() {
  const { model } = useBoard();
  const offline = useSelected(model.socket.state, (state) => state.kind === "offline" || state.kind === "signed_out");
  return <p class="card-saving meta">{offline ? "Waits for the connection" : "Saving…"}</p>;
}

function Labels({ labels }: { labels: string[] }) {
  if (labels.length === 0) return null;
  return (
    <div class="card-labels">
      {labels.map((label) => (
        <span key={label} class="chip">
          <span class="clip">{label}</span>
        </span>
      ))}
    </div>
  );
}

export function Note({ card }: { card: string }) {
  const { model } = useBoard();
  const note = useView((view) => view.notes[card]);
  if (!note) return null;
  return (
    <div class={classes("card-note note", `tone-${note.tone}`)}>
      <Icon name={note.tone === "danger" ? "error" : "info"} />
      <span class="grow">{note.text}</span>
      <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => model.marks.dismiss(card)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
