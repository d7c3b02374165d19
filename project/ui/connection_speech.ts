/** What is said aloud of a connection: that it is gone, and that it is back with so many changes. */
import type { ConnectionState } from "./connection_state";
import { plural } from "./text";

export class ConnectionSpeech {
  #isAway = false;
  #behind = 0;

  /** The sentence for the state that has come, or null. A line that was gone for a moment is not spoken of. */
  next(state: ConnectionState, { isSettled, keeps }: { isSettled: boolean; keeps: boolean }): string | null {
    if (state.kind === "catching_up") this.#behind = Math.max(this.#behind, state.behind);
    if (state.kind === "offline" && isSettled && !this.#isAway) {
      this.#isAway = true;
      this.#behind = 0;
      return keeps ? "Offline. Changes will wait." : "Offline.";
    }
    if (state.kind === "live" && this.#isAway) {
      this.#isAway = false;
      return this.#behind ? `Live again, ${plural(this.#behind, "change")}.` : "Live again.";
    }
    return null;
  }
}
