/** One socket for one stream: joins at a place, keeps it, heals gaps, comes back by itself, and loses no command. */
import { newRef } from "./api";
import { type ConnectionState, endingOf, isConnected, reconnectDelay, retryOf } from "./connection_state";
import { Acker, Cursor } from "./cursor";
import { CommandError } from "./errors";
import { Observable } from "./observable";
import { Outbox, type Reply } from "./outbox";
import type { Hello, StreamEvent, WireError } from "./wire";

export interface Place {
  seq: number;
  epoch: string;
}

export interface StreamOptions {
  /** `/ws/boards/<id>/` or `/ws/sessions/<id>/`. */
  path: string;
  /** Where the page's snapshot stands. */
  start: Place;
  /** Apply events, in order and without gaps. */
  onEvents(events: StreamEvent[]): void;
  /** Frames that are no events: presence, agent_activity, typing, error. */
  onFrame?(type: string, data: Record<string, unknown>): void;
  onHello?(hello: Hello): void;
  /** Fetch the snapshot again, show it, and say where it stands. */
  reload(): Promise<Place>;
  makeSocket?(url: string): WebSocket;
}

export interface SendOptions {
  ref?: string;
  /** Keep it while offline (edits, comments, messages). Others are refused without a connection. */
  hold?: boolean;
}

type Frame = Record<string, unknown> & { type: string };

/** Event of the window after signing in again over a kept page. */
export const SIGNED_IN = "workroom:signed-in";

const WATCHDOG_MS = 40_000;
const REPLY_TIMEOUT_MS = 20_000;
const TICK_MS = 1000;
const SYNC_EVERY_MS = 1500;

export class StreamSocket {
  readonly state = new Observable<ConnectionState>({ kind: "connecting" });
  /** Commands without an answer. */
  readonly held = new Observable(0);
  readonly keeps = true;
  readonly cursor: Cursor;
  readonly #options: StreamOptions;
  readonly #outbox = new Outbox();
  readonly #acker = new Acker(() => this.control("ack", { seq: this.cursor.last }));
  #socket: WebSocket | null = null;
  #ticker: ReturnType<typeof setInterval> | null = null;
  #reconnectTimer: ReturnType<typeof setTimeout> | null = null;
  #tries = 0;
  #head = 0;
  #welcome = false;
  #lastFrameAt = 0;
  #frameSize = 0;
  #healing = false;
  /** Our place is unknown to the server until the snapshot is loaded and synced. */
  #lost = false;
  #syncedAt = 0;
  #pausedUntil = 0;
  #lastAtBeat = -1;
  #frameBytes = 64 * 1024;

  readonly #frames: Record<string, (frame: Frame) => void> = {
    hello: (frame) => this.#onHello(frame["data"] as Hello),
    events: (frame) => this.#onEvents(frame["events"] as StreamEvent[]),
    reply: (frame) => this.#onReply(frame),
    reset: () => void this.#onReset(),
    heartbeat: (frame) => this.#onHeartbeat((frame["data"] as { seq: number }).seq),
    pong: () => undefined,
  };

  constructor(options: StreamOptions) {
    this.#options = options;
    this.cursor = new Cursor(options.start.seq, options.start.epoch);
  }

  start(): void {
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    if (typeof window !== "undefined") {
      window.addEventListener("online", this.retryNow);
      window.addEventListener(SIGNED_IN, this.#signedIn);
      document.addEventListener("visibilitychange", this.retryNow);
    }
    this.#connect();
  }

  stop(): void {
    if (this.#ticker) clearInterval(this.#ticker);
    if (this.#reconnectTimer) clearTimeout(this.#reconnectTimer);
    if (typeof window !== "undefined") {
      window.removeEventListener("online", this.retryNow);
      window.removeEventListener(SIGNED_IN, this.#signedIn);
      document.removeEventListener("visibilitychange", this.retryNow);
    }
    this.#drop();
    this.#outbox.rejectAll(new CommandError({ code: "closed", message: "This page was closed before the server answered." }));
  }

  /** Connect at once instead of waiting for the next try; does nothing while connected or ended. */
  readonly retryNow = (): void => {
    if (typeof document !== "undefined" && document.visibilityState === "hidden") return;
    if (this.state.get().kind === "offline") this.#connect();
  };

  readonly #signedIn = (): void => {
    if (this.state.get().kind === "signed_out") this.reconnect();
  };

  /** Come back after an ending the user resolved: signed in again, "Use this tab". */
  reconnect(): void {
    this.#connect();
  }

  /** Ask for a change; resolves with the reply's data, rejects with CommandError. */
  send(type: string, data: unknown, options: SendOptions = {}): Promise<Reply> {
    const state = this.state.get();
    if (!isConnected(state) && !(options.hold && (state.kind === "offline" || state.kind === "signed_out"))) {
      return Promise.reject(new CommandError({ code: "offline", message: "Needs a connection. Try again when the page is live." }));
    }
    const ref = options.ref ?? newRef();
    // The server would end the connection over it, again with each try.
    if (new TextEncoder().encode(JSON.stringify({ type, ref, data })).length > this.#frameBytes) {
      return Promise.reject(new CommandError({ code: "too_large", message: "That's too large." }));
    }
    return new Promise<Reply>((resolve, reject) => {
      this.#outbox.add({ type, ref, data, sentAt: null, tries: 0, resolve, reject });
      this.#flush();
    });
  }

  /** Send a control frame; it is lost without a connection, which is right for all of them. */
  control(type: string, data?: unknown): void {
    if (this.#welcome) this.#write(data === undefined ? { type } : { type, data });
  }

  #write(frame: unknown): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #url(): string {
    const { seq, epoch } = { seq: this.cursor.last, epoch: encodeURIComponent(this.cursor.epoch) };
    const origin = location.origin.replace(/^http/, "ws");
    return `${origin}${this.#options.path}?after=${seq}&epoch=${epoch}`;
  }

  /** A try that is under way is let go. */
  #connect(): void {
    this.#drop();
    if (this.#reconnectTimer) clearTimeout(this.#reconnectTimer);
    this.#reconnectTimer = null;
    if (this.state.get().kind !== "offline") this.state.set({ kind: "connecting" });
    const make = this.#options.makeSocket ?? ((url: string) => new WebSocket(url));
    const socket = make(this.#url());
    this.#socket = socket;
    this.#lastFrameAt = Date.now();
    socket.onmessage = (message) => this.#onMessage(socket, String(message.data));
    socket.onclose = (close) => {
      if (socket === this.#socket) this.#onClose(close.code, close.reason);
    };
  }

  /** Let go of the socket without waiting for its closing handshake, which a dead network never finishes. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#welcome = false;
    this.#healing = false;
    this.#acker.reset();
    this.#outbox.unsend();
    if (!socket) return;
    socket.onclose = null;
    socket.onmessage = null;
    socket.close();
  }

  #onClose(code: number, reason: string): void {
    this.#drop();
    const ending = endingOf(code);
    if (ending) {
      this.state.set(ending);
      if (ending.kind === "no_access") this.#outbox.rejectAll(new CommandError({ code: "not_found", message: "This isn't here any more, or you have no access to it." }));
      return;
    }
    const delay = reconnectDelay(this.#tries, retryOf(reason));
    this.#tries += 1;
    const before = this.state.get();
    const since = before.kind === "offline" ? before.since : Date.now();
    this.state.set({ kind: "offline", since, retryAt: Date.now() + delay });
    this.#reconnectTimer = setTimeout(() => this.#connect(), delay);
  }

  #onMessage(socket: WebSocket, text: string): void {
    if (socket !== this.#socket) return;
    this.#lastFrameAt = Date.now();
    this.#frameSize = text.length;
    const frame = JSON.parse(text) as Frame;
    if (typeof frame["seq"] === "number") {
      this.#onEvents([frame as unknown as StreamEvent]);
      return;
    }
    const known = this.#frames[frame.type];
    if (known) known(frame);
    else this.#options.onFrame?.(frame.type, (frame["data"] ?? frame["error"] ?? {}) as Record<string, unknown>);
  }

  #onHello(hello: Hello): void {
    this.#welcome = true;
    this.#tries = 0;
    this.#head = hello.seq;
    this.#frameBytes = hello.limits.frame_bytes;
    this.#lastAtBeat = -1;
    this.#lost = hello.epoch !== this.cursor.epoch || hello.seq < this.cursor.last;
    this.#options.onHello?.(hello);
    this.#settleState();
  }

  #onEvents(events: StreamEvent[]): void {
    const { fresh, gap } = this.cursor.take(events);
    if (fresh.length) {
      this.#healing = false;
      this.#options.onEvents(fresh);
    }
    this.#head = Math.max(this.#head, events.at(-1)?.seq ?? 0);
    this.#acker.received(events.length, this.#frameSize);
    if (gap) this.#sync();
    this.#settleState();
  }

  /** One sync per gap; the server counts at most one a second. */
  #sync(): void {
    const now = Date.now();
    if (this.#healing && now - this.#syncedAt < SYNC_EVERY_MS) return;
    this.#healing = true;
    this.#syncedAt = now;
    this.control("sync", { after: this.cursor.last, epoch: this.cursor.epoch });
  }

  async #onReset(): Promise<void> {
    const socket = this.#socket;
    this.#lost = true;
    this.state.set({ kind: "catching_up", behind: Math.max(0, this.#head - this.cursor.last) });
    try {
      const place = await this.#options.reload();
      if (socket !== this.#socket) return;
      this.cursor.moveTo(place.seq, place.epoch);
      this.#head = place.seq;
      this.#lost = false;
      this.#syncedAt = Date.now();
      this.control("sync", { after: place.seq, epoch: place.epoch });
      this.#settleState();
    } catch {
      if (socket === this.#socket) this.#onClose(1006, "");
    }
  }

  #onHeartbeat(head: number): void {
    this.#head = Math.max(this.#head, head);
    const stuck = head > this.cursor.last && this.#lastAtBeat === this.cursor.last;
    this.#lastAtBeat = this.cursor.last;
    if (stuck) this.#sync();
    this.#settleState();
  }

  #settleState(): void {
    if (!this.#welcome) return;
    const behind = this.#head - this.cursor.last;
    if (behind > 0 || this.#lost) {
      this.state.set({ kind: "catching_up", behind: Math.max(0, behind) });
      return;
    }
    if (this.state.get().kind !== "live") this.state.set({ kind: "live" });
    this.#flush();
  }

  #onReply(frame: Frame): void {
    const pause = this.#outbox.settle(frame as unknown as { ref: string; ok: boolean; data?: Reply; error?: WireError });
    if (pause !== null) this.#pausedUntil = Date.now() + pause * 1000;
    this.#flush();
  }

  /** Send what may go: only when level with the stream, so that a change is made against what the user sees. */
  #flush(): void {
    if (this.state.get().kind === "live" && this.#welcome && Date.now() >= this.#pausedUntil) {
      for (const { type, ref, data } of this.#outbox.due(Date.now())) this.#write({ type, ref, data });
    }
    this.held.set(this.#outbox.size);
  }

  #tick(): void {
    if (!this.#socket) return;
    const now = Date.now();
    const oldest = this.#outbox.oldestSent();
    const silent = now - this.#lastFrameAt > WATCHDOG_MS;
    if (silent || (oldest !== null && now - oldest > REPLY_TIMEOUT_MS)) this.#onClose(1006, "");
    else if (this.#healing) this.#sync();
    else this.#flush();
  }
}
