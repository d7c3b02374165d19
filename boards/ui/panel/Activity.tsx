/** What happened to the card, newest first, a page at a time. */
import { useEffect, useState } from "preact/hooks";
import { api } from "../../../project/ui/api";
import { Time } from "../../../project/ui/time";
import type { Page, StreamEvent } from "../../../project/ui/wire";
import { useBoard, useView } from "../context";
import type { Card, FullCard } from "../types";
import { activitySentence, withoutRepeats } from "./activity_words";
import { GreyLines, LoadFailed } from "./PanelFrame";

interface Loaded {
  events: StreamEvent[];
  next: string | null;
}

export function Activity({ card }: { card: Card | FullCard }) {
  const { model } = useBoard();
  const columns = useView((view) => view.state.columns);
  const [loaded, setLoaded] = useState<Loaded | "loading" | "failed">("loading");
  const load = async (cursor: string | null, before: StreamEvent[]) => {
    try {
      const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const page = await api.get<Page<StreamEvent>>(`cards/${card.id}/activity/?limit=30${query}`);
      setLoaded({ events: [...before, ...page.results], next: page.next });
    } catch {
      setLoaded("failed");
    }
  };
  useEffect(() => {
    void load(null, []);
    const follow = () => void load(null, []);
    const onEvent = (event: StreamEvent) => {
      const subject = event.data["card"];
      const id = typeof subject === "string" ? subject : (subject as { id?: string } | undefined)?.id;
      if (id === card.id) follow();
    };
    model.listeners.add(onEvent);
    return () => void model.listeners.delete(onEvent);
  }, [card.id]);
  if (loaded === "loading") return <GreyLines />;
  if (loaded === "failed") return <LoadFailed what="Activity" onRetry={() => void load(null, [])} />;
  const shown = withoutRepeats(loaded.events);
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
        <button type="button" class="button small" onClick={() => void load(loaded.next, loaded.events)}>
          Show earlier
        </button>
      )}
    </div>
  );
}
