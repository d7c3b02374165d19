/** A client's place in a stream: drop what is known, apply what follows, say when something is missing. */
import type { StreamEvent } from "./wire";

export interface Taken {
  fresh: StreamEvent[];
  gap: boolean;
}

export class Cursor {
  last: number;
  epoch: string;

  constructor(last: number, epoch: string) {
    this.last = last;
    this.epoch = epoch;
  }

  /** The events of `batch` to apply, in order. `last` moves past them; after a gap the rest is dropped. */
  take(batch: StreamEvent[]): Taken {
    const fresh: StreamEvent[] = [];
    for (const event of batch) {
      if (event.seq <= this.last) continue;
      if (event.seq > this.last + 1) return { fresh, gap: true };
      this.last = event.seq;
      fresh.push(event);
    }
    return { fresh, gap: false };
  }

  moveTo(seq: number, epoch: string): void {
    this.last = seq;
    this.epoch = epoch;
  }
}

const ACK_EVENTS = 64;
const ACK_BYTES = 128 * 1024;
const ACK_QUIET_MS = 1000;

/** Acknowledges each 64 events or 128 KiB, and whatever is left after a second of quiet. */
export class Acker {
  #unacked = 0;
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #send: () => void;

  constructor(send: () => void) {
    this.#send = send;
  }

  received(events: number, bytes: number): void {
    if (events === 0) return;
    this.#unacked += events;
    this.#bytes += bytes;
    if (this.#unacked >= ACK_EVENTS || this.#bytes >= ACK_BYTES) {
      this.#flush();
      return;
    }
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), ACK_QUIET_MS);
  }

  reset(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#unacked = 0;
    this.#bytes = 0;
  }

  #flush(): void {
    this.reset();
    this.#send();
  }
}
