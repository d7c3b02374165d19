/** What others did, gathered into one spoken sentence every 10 s. */
import { announce } from "../../project/ui/announcer";
import { announceOthers } from "../../project/ui/prefs";
import { plural } from "../../project/ui/text";
import type { StreamEvent } from "../../project/ui/wire";

const EVERY_MS = 10_000;

const VERBS: Record<string, string> = {
  card_moved: "moved",
  card_created: "added",
  card_edited: "changed",
  card_archived: "archived",
  card_deleted: "deleted",
  card_restored: "restored",
};

/** "Bob moved 3 cards. Robo added 1 card." */
export function summarise(events: StreamEvent[]): string {
  const counts = new Map<string, number>();
  for (const event of events) {
    const verb = VERBS[event.type];
    const did = `${event.actor?.username ?? "Someone"} ${verb}`;
    if (verb) counts.set(did, (counts.get(did) ?? 0) + 1);
  }
  return [...counts].map(([who, count]) => `${who} ${plural(count, "card")}.`).join(" ");
}

export class OthersSummary {
  readonly #me: string;
  #events: StreamEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(me: string) {
    this.#me = me;
  }

  add(events: StreamEvent[]): void {
    const others = events.filter((event) => event.actor && event.actor.id !== this.#me);
    if (others.length === 0 || !announceOthers.get()) return;
    this.#events.push(...others);
    this.#timer ??= setTimeout(() => this.#speak(), EVERY_MS);
  }

  #speak(): void {
    this.#timer = null;
    const sentence = summarise(this.#events.splice(0));
    if (sentence) announce(sentence);
  }
}
