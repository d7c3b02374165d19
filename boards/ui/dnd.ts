/** Our few words for dragging cards, over pragmatic-drag-and-drop. Knows elements and ids, no board rules. */
import { draggable, dropTargetForElements, monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter";
import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import { Observable } from "../../project/ui/observable";
import { EdgeScroller } from "./edge_scroll";

export interface DragState {
  card: string;
  over: { column: string; index: number; refused: boolean } | null;
  /** The card left the board while it was dragged: the drop does nothing. */
  ended: boolean;
}

export interface Drop {
  card: string;
  column: string;
  index: number;
  /** The other cards of the column as they were drawn, in order. */
  ids: string[];
}

export const drag = new Observable<DragState | null>(null);

export function makeDraggable(element: HTMLElement, card: string): () => void {
  return draggable({ element, getInitialData: () => ({ card }), getInitialDataForExternal: () => ({}) });
}

export function makeColumnTarget(element: HTMLElement, column: string): () => void {
  return dropTargetForElements({ element, getData: () => ({ column }) });
}

function cardElements(column: string, without: string): HTMLElement[] {
  const list = document.querySelector(`[data-list="${CSS.escape(column)}"]`);
  const cards = [...(list?.querySelectorAll<HTMLElement>("[data-card]") ?? [])];
  return cards.filter((element) => element.dataset["card"] !== without);
}

function indexUnder(elements: HTMLElement[], y: number): number {
  const below = elements.findIndex((element) => {
    const { top, height } = element.getBoundingClientRect();
    return y < top + height / 2;
  });
  return below < 0 ? elements.length : below;
}

export interface DragRules {
  /** Whether the column takes this card. */
  accepts(card: string, column: string): boolean;
  onDrop(drop: Drop): void;
  /** The card was dropped on a column that doesn't take it. */
  onRefused(card: string, column: string): void;
}

interface Located {
  dropTargets: { data: Record<string | symbol, unknown> }[];
  input: { clientX: number; clientY: number };
}

function locate(card: string, { dropTargets, input }: Located, rules: DragRules): DragState["over"] {
  const column = dropTargets[0]?.data["column"];
  if (typeof column !== "string") return null;
  const index = indexUnder(cardElements(column, card), input.clientY);
  return { column, index, refused: !rules.accepts(card, column) };
}

function follow(over: DragState["over"]): void {
  drag.update((state) => {
    if (!state) return state;
    const same = JSON.stringify(state.over) === JSON.stringify(over);
    return same ? state : { ...state, over };
  });
}

function finish(rules: DragRules): void {
  const state = drag.get();
  drag.set(null);
  if (!state?.over || state.ended) return;
  const { column, index, refused } = state.over;
  if (refused) {
    rules.onRefused(state.card, column);
    return;
  }
  const ids = cardElements(column, state.card).map((element) => element.dataset["card"] ?? "");
  rules.onDrop({ card: state.card, column, index, ids });
}

/** Follow every drag on the page until the returned function is called. */
export function watchDrags(rules: DragRules): () => void {
  const scroller = new EdgeScroller();
  return combine(
    monitorForElements({
      onDragStart: ({ source }) => drag.set({ card: String(source.data["card"]), over: null, ended: false }),
      onDrag: ({ location }) => {
        const state = drag.get();
        if (!state) return;
        scroller.at(location.current.input.clientX, location.current.input.clientY);
        follow(locate(state.card, location.current, rules));
      },
      onDropTargetChange: ({ location }) => {
        const state = drag.get();
        if (state) follow(locate(state.card, location.current, rules));
      },
      onDrop: ({ location }) => {
        scroller.stop();
        if (location.current.dropTargets.length === 0) follow(null);
        finish(rules);
      },
    }),
    () => scroller.stop(),
  );
}
