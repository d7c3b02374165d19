/** One polite live region per page: at most one sentence per 3 s, the newest wins. Assertive only for my own failures. */
import { Observable, useValue } from "./observable";

const polite = new Observable("");
const assertive = new Observable("");
const EVERY_MS = 3000;

let spokenAt = 0;
let waiting: string | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;

function speak(): void {
  timer = null;
  if (waiting === null) return;
  // A repeated sentence is only read again when the text changes.
  polite.set(polite.get() === waiting ? `${waiting}\u00a0` : waiting);
  waiting = null;
  spokenAt = Date.now();
}

export function announce(sentence: string): void {
  waiting = sentence;
  timer ??= setTimeout(speak, Math.max(0, spokenAt + EVERY_MS - Date.now()));
}

/** The failure of something the user just did. */
export function announceFailure(sentence: string): void {
  assertive.set(assertive.get() === sentence ? `${sentence}\u00a0` : sentence);
}

export function Announcer() {
  return (
    <div class="visually-hidden">
      <div aria-live="polite">
        {useValue(polite)}
      </div>
      <div role="alert">{useValue(assertive)}</div>
    </div>
  );
}
