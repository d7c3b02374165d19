/** Commands without an answer yet: kept in order with their refs, sent again after a reconnect, refused past a bound. */
import { CommandError } from "./errors";
import type { WireError } from "./wire";

export interface Reply {
  seq: number;
  [key: string]: unknown;
}

export interface PendingCommand {
  type: string;
  ref: string;
  data: unknown;
  /** When it went out over the socket that is open now; null while it waits. */
  sentAt: number | null;
  tries: number;
  resolve(reply: Reply): void;
  reject(error: CommandError): void;
}

export const MAX_HELD = 50;
/** Few at a time, so that a full outbox stays inside the server's burst limit. */
const IN_FLIGHT = 8;
const MAX_TRIES = 5;

export class Outbox {
  readonly #commands: PendingCommand[] = [];

  get size(): number {
    return this.#commands.length;
  }

  get waiting(): number {
    return this.#commands.filter((command) => command.sentAt === null).length;
  }

  add(command: PendingCommand): void {
    if (this.#commands.length >= MAX_HELD) {
      const message = `${MAX_HELD} changes are waiting already. Try again when the connection is back.`;
      throw new CommandError({ code: "outbox_full", message });
    }
    this.#commands.push(command);
  }

  /** The next commands that may go out, marked as sent. */
  due(now: number): PendingCommand[] {
    const room = IN_FLIGHT - this.#commands.filter((command) => command.sentAt !== null).length;
    const next = this.#commands.filter((command) => command.sentAt === null).slice(0, Math.max(0, room));
    for (const command of next) {
      command.sentAt = now;
      command.tries += 1;
    }
    return next;
  }

  /** Settle the command of a reply; returns seconds to wait when the server asked for another try instead. */
  settle(frame: { ref: string; ok: boolean; data?: Reply; error?: WireError }): number | null {
    const index = this.#commands.findIndex((command) => command.ref === frame.ref);
    const command = this.#commands[index];
    if (!command) return null;
    const error = frame.ok ? null : new CommandError(frame.error ?? { code: "internal", message: "The change was refused." });
    const pause = error && retryPause(error, command.tries);
    if (pause !== null) {
      command.sentAt = null;
      return pause;
    }
    this.#commands.splice(index, 1);
    if (error) command.reject(error);
    else command.resolve(frame.data ?? { seq: 0 });
    return null;
  }

  /** After a lost socket everything without an answer goes out again, under the same refs. */
  unsend(): void {
    for (const command of this.#commands) command.sentAt = null;
  }

  oldestSent(): number | null {
    const sent = this.#commands.flatMap((command) => (command.sentAt === null ? [] : [command.sentAt]));
    return sent.length ? Math.min(...sent) : null;
  }

  rejectAll(error: CommandError): void {
    for (const command of this.#commands.splice(0)) command.reject(error);
  }
}

/** `unavailable` and `rate_limited` are about the moment, not the command: try again under the same ref. */
function retryPause(error: CommandError, tries: number): number | null {
  if (tries >= MAX_TRIES) return null;
  if (error.code !== "unavailable" && error.code !== "rate_limited") return null;
  return error.retryAfter ?? 1;
}
