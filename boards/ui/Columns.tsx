/** The columns side by side (or one per screen), with dragging and the keys that move between cards. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { AddColumn } from "./AddColumn";
import { ColumnView } from "./ColumnView";
import { useBoard, useCanEdit } from "./context";
import { dropCard, endDragOf } from "./dragging";
import { watchDrags } from "./dnd";
import { focusCard, useBoardKeys } from "./keys";
import type { BoardLists } from "./lists";
import { playMoves } from "./motion";
import { TabStrip } from "./TabStrip";
import { wipState } from "./limits";

export function Columns({ lists }: { lists: BoardLists }) {
  const tools = useBoard();
  const { model, ui } = tools;
  const canEdit = useCanEdit();
  const scroller = useRef<HTMLDivElement>(null);
  const latest = useRef(lists);
  latest.current = lists;
  useBoardKeys(tools, latest);

  useEffect(() => {
    const stop = watchDrags({
      accepts: (card, column) => {
        const limit = model.state.columns[column]?.wip_limit ?? null;
        const list = latest.current.all[column] ?? [];
        return list.some((each) => each.id === card) || wipState(list.length, limit) === "open";
      },
      onDrop: (drop) => dropCard(tools, latest.current, drop),
    });
    const onEvent = endDragOf(model);
    model.listeners.add(onEvent);
    return () => {
      stop();
      model.listeners.delete(onEvent);
    };
  }, []);

  useLayoutEffect(() => {
    playMoves();
    if (ui.refocus && focusCard(ui.refocus)) ui.refocus = null;
  });

  const { columns, all, shown, filtered } = lists;
  return (
    <>
      <TabStrip columns={columns} counts={all} scroller={scroller} />
      <div ref={scroller} class="columns">
        {columns.map((column, at) => (
          <ColumnView
            key={column.id}
            column={column}
            cards={shown[column.id] ?? []}
            count={all[column.id]?.length ?? 0}
            filtered={filtered}
            isFirst={at === 0}
            isLast={at === columns.length - 1}
          />
        ))}
        {canEdit && <AddColumn isFirst={columns.length === 0} />}
        {!canEdit && columns.length === 0 && <p class="empty-board">This board has no columns yet.</p>}
      </div>
    </>
  );
}
