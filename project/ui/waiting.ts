/** How many requests wait for me: shown in the header and the title of every page. */
import { api } from "./api";
import { Observable } from "./observable";
import { Poller } from "./poll";

/** Version 1 has no stream per user; see docs/decisions/0013. */
const EVERY_MS = 20_000;
/** Several things told at once are asked about once. */
const GATHER_MS = 300;

export const waiting = new Observable(0);

let poller: Poller | null = null;
let gathering: ReturnType<typeof setTimeout> | null = null;

/** Keep the count true while a page is there; returns how to stop. */
export function watchWaiting(): () => void {
  poller = new Poller(async (signal) => {
    const { waiting: count } = await api.get<{ waiting: number }>("inbox/count/", signal);
    waiting.set(count);
  }, EVERY_MS);
  poller.start();
  return () => {
    poller?.stop();
    poller = null;
  };
}

/** Something this page heard of has changed the count: ask for it soon. */
export function askWaiting(): void {
  if (!poller || gathering) return;
  gathering = setTimeout(() => {
    gathering = null;
    poller?.retryNow();
  }, GATHER_MS);
}
