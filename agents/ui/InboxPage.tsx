/** The inbox: what waits for me, what waits for others, what was answered today; answered in place. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import { usePageKeys } from "../../project/ui/KeysDialog";
import { useMedia } from "../../project/ui/media";
import { useValue } from "../../project/ui/observable";
import { Shell } from "../../project/ui/Shell";
import { useTicks } from "../../project/ui/time";
import { AnswersContext } from "../../sessions/ui/answering";
import { Folds, FoldsContext } from "../../sessions/ui/folds";
import { InboxList } from "./InboxList";
import { RequestDetail } from "./RequestDetail";
import type { InboxModel } from "./model";
import { Selection } from "./selection";
import { groupsOf, isOpen, isWaiting, rowOf } from "./store";
import "./inbox.css";

/** Where a request has room beside the list; below that it opens in its place, and on phones it takes the screen. */
const BESIDE = "(min-width: 1000px)";
const PHONE = "(max-width: 600px)";

export type Layout = "beside" | "in place" | "phone";

function useLayout(): Layout {
  const beside = useMedia(BESIDE);
  const phone = useMedia(PHONE);
  if (beside) return "beside";
  return phone ? "phone" : "in place";
}

function step(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>(".inbox-row")];
  const at = rows.findIndex((row) => row === document.activeElement || row.classList.contains("chosen"));
  rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
}

export function InboxPage({ model }: { model: InboxModel }) {
  const selection = useMemo(() => new Selection(), []);
  const folds = useMemo(() => new Folds(), []);
  const { showKeys, keysDialog } = usePageKeys([["j k", "Next and previous request"], ["Esc", "Close the request"]], {
    j: () => step(1),
    k: () => step(-1),
    Escape: () => (selection.id.get() === null ? false : selection.close()),
  });
  useEffect(() => {
    model.link.start();
    return () => model.link.stop();
  }, []);
  return (
    <Shell user={model.me} crumbs={[{ label: "Boards", href: "/" }, { label: "Inbox" }]} link={model.link} onShortcuts={showKeys}>
      <AnswersContext.Provider value={model}>
        <FoldsContext.Provider value={folds}>
          <Inbox model={model} selection={selection} />
        </FoldsContext.Provider>
      </AnswersContext.Provider>
      {keysDialog}
    </Shell>
  );
}

function Inbox({ model, selection }: { model: InboxModel; selection: Selection }) {
  useTicks(1);
  const layout = useLayout();
  const state = useValue(model.state);
  const selected = useValue(selection.id);
  const groups = groupsOf(state, model.now());
  const row = rowOf(state, selected);
  const first = groups.find(isWaiting)?.rows[0];
  const isFresh = useRef(true);
  useEffect(() => {
    if (isFresh.current && layout === "beside" && selected === null && first) selection.begin(first.request.id);
    isFresh.current = false;
  }, []);
  const detail = selected !== null && <RequestDetail key={selected} row={row} layout={layout} onClose={() => selection.close()} />;
  if (layout === "phone" && detail) return <div class="inbox phone">{detail}</div>;
  return (
    <div class={layout === "beside" ? "inbox beside" : "inbox"} data-flow>
      <div class="inbox-list">
        <h1 class="page-title">Inbox</h1>
        {!groups.some((group) => isWaiting(group) && group.rows.some(isOpen)) && <Empty />}
        {layout === "in place" && !row && detail}
        <InboxList groups={groups} selected={selected} now={model.now()} me={model.me} folds={layout === "in place"} onOpen={(id) => (id === selected ? layout === "in place" && selection.close() : selection.open(id))}>
          {layout === "in place" ? detail : null}
        </InboxList>
      </div>
      {layout === "beside" && <div class="inbox-side">{detail || (groups.length > 0 && <p class="muted">Choose a request to read it.</p>)}</div>}
    </div>
  );
}

function Empty() {
  return (
    <p class="inbox-empty">
      Nothing is waiting for you. <a href="/">Back to boards</a>
    </p>
  );
}
