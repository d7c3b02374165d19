/** What a stream socket's state can be, and which controls it allows. */

export type ConnectionState =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "catching_up"; behind: number }
  | { kind: "offline"; since: number; retryAt: number | null }
  | { kind: "signed_out" }
  | { kind: "no_access" }
  | { kind: "too_large" }
  | { kind: "too_many" }
  | { kind: "outdated" };

type Ending = Extract<ConnectionState["kind"], "signed_out" | "no_access" | "too_large" | "too_many" | "outdated">;

/** Close codes after which the client must not come back by itself (PROTOCOL §3). */
const ENDINGS: Record<number, Ending> = {
  4500: "outdated",
  4501: "signed_out",
  4502: "no_access",
  4503: "too_large",
  4504: "too_many",
};

export function endingOf(code: number): { kind: Ending } | null {
  const kind = ENDINGS[code];
  return kind ? { kind } : null;
}

/** `retry_ms` of a close reason (`{"code", "retry_ms"?}`), or null. */
export function retryOf(reason: string): number | null {
  try {
    const parsed: unknown = JSON.parse(reason);
    const value = (parsed as { retry_ms?: unknown } | null)?.retry_ms;
    return typeof value === "number" && value >= 0 ? value : null;
  } catch {
    return null;
  }
}

const CAP_MS = 10_000;
const BASE_MS = 500;

/** Full jitter: somewhere between nothing and a ceiling that doubles with each failed try. */
export function reconnectDelay(tries: number, retryMs: number | null, random: () => number = Math.random): number {
  if (retryMs !== null) return random() * retryMs;
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(tries, 10));
}

/** Whether work that must reach the server now (approve, stop, delete, hand over) can be offered. */
export function isConnected(state: ConnectionState): boolean {
  return state.kind === "live" || state.kind === "catching_up" || state.kind === "connecting";
}
