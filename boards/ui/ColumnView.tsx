/** One column: header, its cards, the line that shows where a drag would land, and quick add. */
import { memo } from "preact/compat";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useSelected } from "../../project/ui/observable";
import { classes } from "../../project/ui/text";
import { CardView, SavingNote } from "./CardView";
import { ColumnHeader } from "./ColumnHeader";
import { useBoard, useCanEdit, useUi, useView } from "./context";
import { drag, makeColumnTarget } from "./dnd";
import { columnName } from "./limits";
import { NO_FILTERS } from "./filters";
import { QuickAdd } from "./QuickAdd";
import type { Card, Column } from "./types";

const PAGE = 200;

interface Props {
  column: Column;
  cards: Card[];
  /** True count, with what the filters hide. */
  count: number;
  filtered: boolean;
  isFirst: boolean;
  isLast: boolean;
}

export const ColumnView = memo(function ColumnView({ column, cards, count, filtered, isFirst, isLast }: Props) {
  const box = useRef<HTMLElement>(null);
  const canEdit = useCanEdit();
  const [limit, setLimit] = useState(PAGE);
  const focus = useUi((ui) => ui.focus);
  const over = useSelected(drag, (state) => (state?.over?.column === column.id ? (state.over.refused ? "refused" : "over") : null));
  const drafts = useView((view) => view.drafts);
  useEffect(() => {
    if (box.current && canEdit) return makeColumnTarget(box.current, column.id);
  }, [column.id, canEdit]);
  const shown = cards.slice(0, limit);
  const tabbable = shown.some((card) => card.id === focus) ? focus : shown[0]?.id;
  return (
    <section ref={box} class={classes("column", over && `drag-${over}`)} data-column={column.id} aria-label={column.name}>
      <ColumnHeader column={column} count={count} shown={filtered ? cards.length : null} isFirst={isFirst} isLast={isLast} />
      {over === "refused" && <p class="column-refusal">Full · {count} of {column.wip_limit}</p>}
      <ol class="plain column-list" data-list={column.id} aria-label={columnName(column.name, count, column.wip_limit)}>
        {shown.map((card) => (
          <CardView key={card.id} card={card} canEdit={canEdit} tabbable={card.id === tabbable} finished={isLast && !isFirst} />
        ))}
        {drafts.map((draft) => draft.column === column.id && <DraftCard key={draft.ref} title={draft.title} />)}
        {cards.length === 0 && <EmptyColumn filtered={filtered && count > 0} />}
        {cards.length > limit && (
          <li class="more">
            <button type="button" class="button small" onClick={() => setLimit(limit + PAGE)}>
              Show {Math.min(PAGE, cards.length - limit)} more
            </button>
          </li>
        )}
        <DropLine column={column.id} />
      </ol>
      {canEdit && <QuickAdd column={column} />}
    </section>
  );
});

function DraftCard({ title }: { title: string }) {
  return (
    <li class="card pending">
      <div class="card-face">
        <p class="card-title">{title}</p>
      </div>
      <SavingNote />
    </li>
  );
}

function EmptyColumn({ filtered }: { filtered: boolean }) {
  const { ui } = useBoard();
  if (!filtered) return <li class="empty-column">No cards</li>;
  return (
    <li class="empty-column">
      No card matches these filters.{" "}
      <button type="button" class="button link" onClick={() => ui.patch({ filters: NO_FILTERS })}>
        Clear filters
      </button>
    </li>
  );
}

/** A 2 px line at the exact place; positioned through a custom property. */
function DropLine({ column }: { column: string }) {
  const line = useRef<HTMLLIElement>(null);
  const index = useSelected(drag, (state) => (state?.over?.column === column && !state.over.refused && !state.ended ? state.over.index : null));
  useLayoutEffect(() => {
    const list = line.current?.parentElement;
    if (index === null || !list || !line.current) return;
    const dragged = drag.get()?.card;
    const cards = [...list.querySelectorAll<HTMLElement>("[data-card]")].filter((card) => card.dataset["card"] !== dragged);
    const next = cards[index];
    const last = cards.at(-1);
    const y = next ? next.offsetTop - 5 : last ? last.offsetTop + last.offsetHeight + 3 : 4;
    line.current.style.setProperty("--line", `${y}px`);
  }, [index]);
  return <li ref={line} class="drop-line" hidden={index === null} aria-hidden="true" />;
}
