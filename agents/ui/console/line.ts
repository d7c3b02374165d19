/** The console's socket: connects by the page's cookie, logs every frame, acknowledges events. It never comes back by itself. */
import { Acker } from "../../../project/ui/cursor";
import { Observable } from "../../../project/ui/observable";
import { appended, type Direction, entriesOf, type Entry } from "./log";
import { type Known, learned, NOTHING_KNOWN } from "./templates";

export type Status =
  | { kind: "idle" }
  | { kind: "connecting" }
  | { kind: "connected" }
  | { kind: "closed"; code: number; sentence: string };

const SENTENCES: Record<number, string> = {
  1000: "You disconnected.",
  1006: "The connection broke, or the server refused it.",
  4001: "The server is going away. Connect again in a moment.",
  4002: "Too slow: events weren't acknowledged in time.",
  4004: "The server failed. Connect again.",
  4008: "Too many frames at once. Wait a few seconds.",
  4500: "Bad protocol: a wrong place to start from, or too many wrong frames.",
  4501: "Not signed in, or the sign-in has ended.",
  4502: "This session isn't here, or you have no access to it.",
  4503: "A frame was too large.",
  4504: "You have too many connections open.",
};

export class Line {
  readonly status = new Observable<Status>({ kind: "idle" });
  readonly log = new Observable<readonly Entry[]>([]);
  readonly known = new Observable<Known>(NOTHING_KNOWN);
  readonly #make: (url: string) => WebSocket;
  readonly #acker = new Acker(() => this.send(JSON.stringify({ type: "ack", data: { seq: this.known.get().seq } })));
  #socket: WebSocket | null = null;
  #lastId = 0;

  constructor(make: (url: string) => WebSocket = (url) => new WebSocket(url)) {
    this.#make = make;
  }

  connect(url: string): void {
    this.disconnect();
    this.known.set(NOTHING_KNOWN);
    this.status.set({ kind: "connecting" });
    this.#note(`Connecting to ${url}`);
    const socket = this.#make(url);
    this.#socket = socket;
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.status.set({ kind: "connected" });
      this.#note("Connected");
    };
    socket.onmessage = (message) => {
      if (socket === this.#socket) this.#take(String(message.data));
    };
    socket.onclose = ({ code, reason }) => {
      if (socket === this.#socket) this.#end(code, reason);
    };
  }

  disconnect(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#end(1000, "");
    socket.close(1000);
  }

  /** Whether it went out. */
  send(text: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    this.#add("out", text);
    return true;
  }

  clear(): void {
    this.log.set([]);
  }

  #take(text: string): void {
    this.#add("in", text);
    const frame = parsed(text);
    const frames = (frame["type"] === "events" ? (frame["events"] as Record<string, unknown>[]) : [frame]) ?? [];
    this.known.update((known) => frames.reduce(learned, known));
    this.#acker.received(frames.filter((each) => typeof each["seq"] === "number").length, text.length);
  }

  #end(code: number, reason: string): void {
    this.#socket = null;
    this.#acker.reset();
    const sentence = SENTENCES[code] ?? "The connection was closed.";
    this.status.set({ kind: "closed", code, sentence });
    this.#note(`Closed ${code}${reason ? ` ${reason}` : ""}: ${sentence}`);
  }

  #note(text: string): void {
    this.#append([{ id: this.#lastId + 1, direction: "note", at: Date.now(), type: "note", seq: null, text }]);
  }

  #add(direction: Direction, text: string): void {
    this.#append(entriesOf(direction, text, Date.now(), this.#lastId + 1));
  }

  #append(entries: Entry[]): void {
    this.#lastId += entries.length;
    this.log.update((log) => appended(log, entries));
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
