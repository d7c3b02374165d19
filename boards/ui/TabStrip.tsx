/** On phones: the columns' names with counts; a tap goes to the column, a swipe moves the mark. */
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { countText } from "./limits";
import type { Columned } from "./order";
import type { Column } from "./types";

interface Props {
  columns: Column[];
  counts: Columned;
  scroller: RefObject<HTMLDivElement | null>;
}

export function TabStrip({ columns, counts, scroller }: Props) {
  const [current, setCurrent] = useState(0);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onScroll = () => setCurrent(Math.round(element.scrollLeft / Math.max(1, element.clientWidth)));
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => element.removeEventListener("scroll", onScroll);
  }, []);
  useEffect(() => {
    document.querySelector(".tab-strip [aria-current=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  const show = (column: Column) => {
    const target = scroller.current?.querySelector(`[data-column="${column.id}"]`);
    target?.scrollIntoView({ behavior: "smooth", block: "nearest", inline: "start" });
  };
  return (
    <nav class="tab-strip" aria-label="Columns">
      {columns.map((column, at) => (
        <button key={column.id} type="button" class="tab" aria-current={at === current} onClick={() => show(column)}>
          <span class="clip">{column.name}</span>
          <span class="num muted">{countText(counts[column.id]?.length ?? 0, column.wip_limit)}</span>
        </button>
      ))}
    </nav>
  );
}
