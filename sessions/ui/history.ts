/** The newest part of the log before a snapshot: it tells what the snapshot's objects don't. */
import { api } from "../../project/ui/api";
import type { StreamEvent } from "../../project/ui/wire";

const EVENTS = 2000;
const PAGE = 500;

interface EventsPage {
  seq: number;
  events: StreamEvent[];
}

/** The events of a session up to `seq`, at most the newest 2,000. Their text is no part of it, so deltas are left out. */
export async function fetchHistory(session: string, seq: number, epoch: string, signal?: AbortSignal): Promise<StreamEvent[]> {
  const found: StreamEvent[] = [];
  let after = Math.max(0, seq - EVENTS);
  while (after < seq) {
    const path = `sessions/${session}/events/?after=${after}&epoch=${encodeURIComponent(epoch)}&limit=${PAGE}`;
    const { events } = await api.get<EventsPage>(path, signal);
    const last = events.at(-1);
    if (!last) break;
    found.push(...events.filter((event) => event.seq <= seq && event.type !== "message_delta"));
    after = last.seq;
  }
  return found;
}
