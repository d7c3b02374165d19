/** The room's one stream, oldest first, with everything before it a click away. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Block, blocksOf, keepSame } from "./blocks";
import { useDerived, useRoom, useRoomState } from "./context";
import { EmptyRoom } from "./EmptyRoom";
import { Aside, MessageItem } from "./MessageItem";
import { PendingList } from "./PendingList";
import { RunBlock } from "./RunBlock";
import { useAction } from "../../project/ui/use_action";


const VIEWS = { message: MessageItem, aside: Aside, run: RunBlock };

/** The open request, else the newest run's header, else the end. */
function firstSight(content: HTMLElement): Element | null {
  const open = content.querySelector("[data-request][data-status=open]");
  return open ?? [...content.querySelectorAll("[data-run]:not(.queued)")].at(-1) ?? content.lastElementChild;
}

export function Stream() {
  const { model, ui } = useRoom();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!scroller.current || !content.current) return;
    const detach = ui.follow.attach(scroller.current, content.current);
    ui.follow.startAt(firstSight(content.current));
    const happened = () => ui.follow.happened();
    model.heard.add(happened);
    return () => {
      detach();
      model.heard.delete(happened);
    };
  }, []);
  // Streamed text changes the messages with every frame, but seldom which blocks there are.
  const before = useRef<Block[]>([]);
  const blocks = useDerived(
    (state) => [state.messages, state.runs],
    (messages, runs) => (before.current = keepSame(before.current, blocksOf(messages, runs))),
  );
  return (
    <div ref={scroller} class="stream-scroller" data-stream-scroller>
      <div ref={content} class="stream" role="log" aria-live="off" aria-label="Messages and runs" data-flow>
        <Earlier scroller={scroller} />
        {blocks.length === 0 && <EmptyRoom />}
        {blocks.map(({ kind, id }) => {
          const View = VIEWS[kind];
          return <View key={`${kind}:${id}`} id={id} />;
        })}
        <PendingList />
      </div>
    </div>
  );
}

function Earlier({ scroller }: { scroller: { current: HTMLElement | null } }) {
  const { model } = useRoom();
  const hasOlder = useRoomState((state) => state.hasOlder);
  const load = useAction(
    async () => {
      const before = scroller.current?.scrollHeight ?? 0;
      await model.loadOlder();
      requestAnimationFrame(() => {
        if (scroller.current) scroller.current.scrollTop += scroller.current.scrollHeight - before;
      });
    },
    { noun: "room" },
  );
  if (!hasOlder) return null;
  return (
    <div class="row wrap earlier">
      <button type="button" class="button small" disabled={load.busy} onClick={load.run}>
        {load.busy ? "Loading…" : "Show earlier"}
      </button>
      {load.error && <span class="field-error">{load.error}</span>}
    </div>
  );
}
