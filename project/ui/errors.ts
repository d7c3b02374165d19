/** One error type for refused commands, REST errors and a missing connection. */
import type { WireError } from "./wire";

export class CommandError extends Error {
  readonly code: string;
  readonly fields: Record<string, string[]>;
  readonly data: Record<string, unknown>;
  /** HTTP status; 0 when the refusal came over a socket or nothing was reached. */
  readonly status: number;

  constructor(error: WireError, status = 0) {
    super(error.message);
    this.name = "CommandError";
    this.code = error.code;
    this.fields = error.fields ?? {};
    this.data = error.data ?? {};
    this.status = status;
  }

  /** Seconds the server asked to wait, or null. */
  get retryAfter(): number | null {
    const value = this.data["retry_after_s"];
    return typeof value === "number" ? value : null;
  }
}

/** Made here, not by the server: the request never got an answer. */
export function unreachable(): CommandError {
  return new CommandError({ code: "offline", message: "The server can't be reached. Check the connection and try again." });
}

export function asCommandError(cause: unknown): CommandError {
  if (cause instanceof CommandError) return cause;
  console.error(cause);
  return new CommandError({ code: "internal", message: "Something went wrong in this page. Reload it and try again." });
}
