/** The columns side by side (or one per screen), with dragging and the keys that move between cards. */
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { AddColumn } from "./AddColumn";
import { ColumnView } from "./ColumnView";
import { type BoardTools, useBoard, useCanEdit } from "./context";
import { dropCard, endDragOf } from "./dragging";
import { watchDrags } from "./dnd";
import { focusCard, useBoardKeys, useKeptFocus } from "./keys";
import type { BoardLists } from "./lists";
import { playMoves } from "./motion";
import { TabStrip } from "./TabStrip";
import { wipState } from "./limits";

/** Follow drags on the board, by the limits, and end the drag of a card that is taken away. */
function useDragging(tools: BoardTools, lists: RefObject<BoardLists>): void {
  const { model } = tools;
  useEffect(() => {
    const accepts = (card: string, column: string) => {
      const limit = model.state.columns[column]?.wip_limit ?? null;
      const list = lists.current?.all[column] ?? [];
      return list.some((each) => each.id === card) || wipState(list.length, limit) === "open";
    };
    const onRefused = (card: string, id: string) => {
      const column = model.state.columns[id];
      if (column) model.mover.refuse(card, column, lists.current?.all[id]?.length ?? 0);
    };
    const stop = watchDrags({ accepts, onDrop: (drop) => lists.current && dropCard(tools, lists.current, drop), onRefused });
    const onEvent = endDragOf(model);
    model.listeners.add(onEvent);
    return () => {
      stop();
      model.listeners.delete(onEvent);
    };
  }, []);
}

export function Columns({ lists }: { lists: BoardLists }) {
  const tools = useBoard();
  const { ui } = tools;
  const canEdit = useCanEdit();
  const scroller = useRef<HTMLDivElement>(null);
  const latest = useRef(lists);
  latest.current = lists;
  useBoardKeys(tools, latest);
  useKeptFocus();
  useDragging(tools, latest);
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
