/** What happened to the card, newest first, a page at a time. */
import { useEffect, useState } from "preact/hooks";
import { api } from "../../../project/ui/api";
import { Time } from "../../../project/ui/time";
import type { Page, StreamEvent } from "../../../project/ui/wire";
import { useBoard, useView } from "../context";
import type { Card, FullCard } from "../types";
import { activitySentence, withNewest, withOlder, withoutRepeats } from "./activity_words";
import { GreyLines, LoadFailed } from "./PanelFrame";

type Loaded = Page<StreamEvent> | "loading" | "failed";

const listed = (loaded: Loaded) => (typeof loaded === "string" ? null : loaded);

/** The card's history: the newest follows the log, and what the reader has opened of the rest stays. */
function useActivity(card: string): { loaded: Loaded; load(): Promise<void>; loadEarlier(known: Page<StreamEvent>): Promise<void> } {
  const { model } = useBoard();
  const [loaded, setLoaded] = useState<Loaded>("loading");
  const fetchPage = (cursor = "") => api.get<Page<StreamEvent>>(`cards/${card}/activity/?limit=30${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
  const load = () =>
    fetchPage().then(
      (newest) => setLoaded((now) => withNewest(newest, listed(now))),
      () => setLoaded((now) => listed(now) ?? "failed"),
    );
  const loadEarlier = ({ next }: Page<StreamEvent>) =>
    fetchPage(next ?? "").then(
      (page) => setLoaded((now) => ({ ...page, results: withOlder(listed(now)?.results ?? [], page.results) })),
      () => setLoaded("failed"),
    );
  useEffect(() => {
    void load();
    const onEvent = (event: StreamEvent) => {
      const { card: subject, comment } = event.data as { card?: string | { id: string }; comment?: { card: string } };
      if ((typeof subject === "object" ? subject.id : (subject ?? comment?.card)) === card) void load();
    };
    model.listeners.add(onEvent);
    return () => void model.listeners.delete(onEvent);
  }, [card]);
  return { loaded, load, loadEarlier };
}

export function Activity({ card }: { card: Card | FullCard }) {
  const columns = useView((view) => view.state.columns);
  const { loaded, load, loadEarlier } = useActivity(card.id);
  if (loaded === "loading") return <GreyLines />;
  if (loaded === "failed") return <LoadFailed what="Activity" onRetry={() => void load()} />;
  const shown = withoutRepeats(loaded.results);
  return (
    <div class="stack">
      <ol class="plain activity-list">
        {shown.map((event, at) => (
          <li key={event.id} class="row">
            <span class="grow">
              <strong>{event.actor?.username ?? "Workroom"}</strong>
              {event.type === "run_changed" ? ": " : " "}
              {activitySentence(event, columns, shown.slice(at + 1))}
            </span>
            <Time at={event.timestamp} class="meta" />
          </li>
        ))}
      </ol>
      {loaded.next && (
        <button type="button" class="button small" onClick={() => void loadEarlier(loaded)}>
          Show earlier
        </button>
      )}
    </div>
  );
}
