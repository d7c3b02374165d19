/** Asks the server for something again and again while the page is looked at, and tells how that goes as a socket would. */
import type { ConnectionState } from "./connection_state";
import { asCommandError } from "./errors";
import { Observable } from "./observable";
import { SIGNED_IN } from "./socket";

/** Whoever comes back to the page wants to see what is so now. */
const RETURNS: [() => EventTarget, string][] = [
  [() => window, "focus"],
  [() => window, "pageshow"],
  [() => window, "online"],
  [() => window, SIGNED_IN],
  [() => document, "visibilitychange"],
];

const FIRST_MS = 2000;
const LONGEST_MS = 60_000;

/** How long to wait after `tries` failures: doubling up to a minute, half of it by chance, and never less than the server asks for. */
export function pollDelay(tries: number, retryMs: number | null, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 10));
  return Math.max((ceiling * (1 + random())) / 2, retryMs ?? 0);
}

export class Poller {
  readonly state = new Observable<ConnectionState>({ kind: "connecting" });
  /** Nothing is held: what needs a connection is refused without one. */
  readonly held = new Observable(0);
  readonly keeps = false;
  readonly #ask: (signal: AbortSignal) => Promise<void>;
  readonly #everyMs: number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #asking: AbortController | null = null;
  #tries = 0;
  #isStopped = true;

  constructor(ask: (signal: AbortSignal) => Promise<void>, everyMs: number) {
    this.#ask = ask;
    this.#everyMs = everyMs;
  }

  start(): void {
    this.#isStopped = false;
    for (const [target, name] of RETURNS) target().addEventListener(name, this.retryNow);
    window.addEventListener("offline", this.#offline);
    this.retryNow();
  }

  stop(): void {
    this.#isStopped = true;
    this.#asking?.abort();
    this.#wait(null);
    for (const [target, name] of RETURNS) target().removeEventListener(name, this.retryNow);
    window.removeEventListener("offline", this.#offline);
  }

  /** Ask now; not in a tab that nobody looks at. */
  readonly retryNow = (): void => {
    if (this.#isStopped) return;
    this.#wait(null);
    if (document.visibilityState !== "hidden") void this.#round();
  };

  reconnect(): void {
    this.retryNow();
  }

  async #round(): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    try {
      await this.#ask(asking.signal);
      if (!asking.signal.aborted) this.#answered();
    } catch (cause) {
      if (!asking.signal.aborted) this.#failed(cause);
    }
  }

  #answered(): void {
    this.#tries = 0;
    this.#be({ kind: "live" });
    this.#wait(this.#everyMs);
  }

  #failed(cause: unknown): void {
    const error = asCommandError(cause);
    if (error.code === "not_authenticated") {
      this.#be({ kind: "signed_out" });
      return;
    }
    const wait = pollDelay(this.#tries++, error.retryAfter === null ? null : error.retryAfter * 1000);
    this.#beOffline(Date.now() + wait);
    this.#wait(wait);
  }

  readonly #offline = (): void => {
    this.#asking?.abort();
    this.#beOffline(null);
  };

  #beOffline(retryAt: number | null): void {
    const before = this.state.get();
    this.#be({ kind: "offline", since: before.kind === "offline" ? before.since : Date.now(), retryAt });
  }

  #be(state: ConnectionState): void {
    if (state.kind !== this.state.get().kind || state.kind === "offline") this.state.set(state);
  }

  #wait(ms: number | null): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = ms === null || this.#isStopped ? null : setTimeout(this.retryNow, ms);
  }
}
