/** Which reports this user has opened in this browser, so that "Report ready" can go away. */
import { Observable } from "../../project/ui/observable";

const KEY = "workroom.seen-runs";
const KEPT = 300;

function load(): string[] {
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(parsed) ? parsed.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

export const seenRuns = new Observable<ReadonlySet<string>>(new Set(load()));

export function markSeen(run: string): void {
  if (seenRuns.get().has(run)) return;
  // Another tab may have opened others meanwhile.
  const next = [...new Set([...load(), ...seenRuns.get(), run])].slice(-KEPT);
  seenRuns.set(new Set(next));
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    return; // Without storage it is remembered until the page is left.
  }
}
