/** The room's one object: socket, store, pending messages and actions tied together; views call its methods. */
import { announce } from "../../project/ui/announcer";
import { api, newRef } from "../../project/ui/api";
import { isConnected } from "../../project/ui/connection_state";
import { asCommandError } from "../../project/ui/errors";
import { explain } from "../../project/ui/microcopy";
import { Observable } from "../../project/ui/observable";
import type { Reply } from "../../project/ui/outbox";
import { announceOthers } from "../../project/ui/prefs";
import { type Place, StreamSocket } from "../../project/ui/socket";
import type { Page, Presence, Role, StreamEvent, User } from "../../project/ui/wire";
import { askWaiting } from "../../project/ui/waiting";
import type { Answer, Answers } from "./answering";
import { type Effort, messageData } from "./composing";
import { EachFrame } from "./frame";
import { fetchHistory } from "./history";
import { addPending, dropAccepted, dropPending, patchPending, type PendingMessage, settlePending } from "./pending";
import { WhoIsHere } from "./presence";
import { sentenceOf } from "./speech";
import { apply, fromSnapshot, putCall, putHistory, putOlder, putWholeOutput, type RoomState } from "./store";
import { Typing } from "./typing";
import type { Message, Output, Request, SessionSnapshot, ToolCall, Way } from "./types";

/** The text to put back in the box, and why. */
export interface Refusal {
  content: string;
  reason: string;
}

export class RoomModel implements Answers {
  readonly id: string;
  readonly me: User;
  readonly state: Observable<RoomState>;
  readonly role: Observable<Role>;
  readonly here = new WhoIsHere();
  readonly clients = { here: this.here.shown, owner: (): User => this.state.get().session.owner };
  readonly pending = new Observable<PendingMessage[]>([]);
  /** Told whenever the log has told something. */
  readonly heard = new Set<() => void>();
  readonly refused = new Observable<Refusal | null>(null);
  /** How much the model is to think about what is said next. */
  readonly effort = new Observable<Effort>(null);
  readonly typing: Typing;
  readonly socket: StreamSocket;
  /** How far the server's clock is ahead of this browser's, in ms. */
  #skew: number | null = null;
  #next: RoomState;
  #olderCursor: string | null = null;
  readonly #leaving = new AbortController();
  readonly #paint = new EachFrame(() => this.state.set(this.#next));

  constructor(snapshot: SessionSnapshot) {
    this.id = snapshot.state.session.id;
    this.me = snapshot.me.user;
    this.role = new Observable(snapshot.me.role);
    this.#next = fromSnapshot(snapshot.state, hasOlder(snapshot));
    this.state = new Observable(this.#next);
    this.typing = new Typing(this.me.id, () => this.socket.control("typing"));
    this.socket = new StreamSocket({
      path: `/ws/sessions/${this.id}/`,
      start: snapshot,
      onEvents: (events) => this.#onEvents(events),
      onFrame: (type, data) => this.#onFrame(type, data),
      onHello: (hello) => this.role.set(hello.role),
      reload: () => this.#reload(),
    });
    void this.#loadHistory(snapshot);
  }

  start(): void {
    this.socket.start();
  }

  stop(): void {
    this.#leaving.abort();
    this.socket.stop();
    this.typing.stop();
    this.here.stop();
    this.#paint.cancel();
  }

  get link(): StreamSocket {
    return this.socket;
  }

  get connected(): boolean {
    return isConnected(this.socket.state.get());
  }

  now(): number {
    return Date.now() + (this.#skew ?? 0);
  }

  /** Send a message; it is shown as pending until the log tells of it, and comes back to the box when refused. */
  async say(content: string, way: Way | null): Promise<void> {
    const ref = newRef();
    this.pending.update((list) => addPending(list, { ref, content, way, sentAt: Date.now() }));
    this.refused.set(null);
    try {
      const reply = await this.socket.send("send_user_message", messageData(content, way, this.#next.session, this.effort.get()), { ref, hold: true });
      if (this.socket.cursor.last >= reply.seq) this.dropPending(ref);
      else this.pending.update((list) => patchPending(list, ref, { isAccepted: true }));
    } catch (cause) {
      this.#refuse(ref, content, cause);
    }
  }

  #refuse(ref: string, content: string, cause: unknown): void {
    const error = asCommandError(cause);
    const reason = error.code === "busy" ? "Five messages are waiting already. Withdraw one or wait." : explain(error, { noun: "room", text: content });
    this.pending.update((list) => patchPending(list, ref, { refusal: reason }));
    this.refused.set({ content, reason });
  }

  dropPending(ref: string): void {
    this.pending.update((list) => dropPending(list, ref));
  }

  cancelRun(run: string): Promise<Reply> {
    return this.socket.send("cancel_run", { run });
  }

  retryRun(run: string): Promise<Reply> {
    return this.socket.send("retry_run", { run });
  }

  rename(title: string): Promise<Reply> {
    return this.socket.send("edit_session", { title }, { hold: true });
  }

  closeSession(): Promise<Reply> {
    return this.socket.send("stop_session", {});
  }

  answer(request: Request, answer: Answer, ref: string): Promise<Reply> {
    return this.socket.send("answer_request", { request: request.id, hash: request.hash, ...answer }, { ref });
  }

  putRequest(request: Request): void {
    this.#patch((state) => ({ ...state, requests: { ...state.requests, [request.id]: request } }));
  }

  async loadCall(call: string): Promise<void> {
    const whole = await api.get<ToolCall>(`tool-calls/${call}/`, this.#leaving.signal);
    this.#patch((state) => putCall(state, whole));
  }

  async loadOutput(output: string): Promise<void> {
    const whole = await api.get<Output>(`outputs/${output}/`, this.#leaving.signal);
    this.#patch((state) => putWholeOutput(state, whole));
  }

  /** Fetch messages before the oldest shown one. The list comes newest first. */
  async loadOlder(): Promise<void> {
    const known = new Set(Object.keys(this.#next.messages));
    let fresh: Message[] = [];
    do {
      const query: string = this.#olderCursor ? `&cursor=${encodeURIComponent(this.#olderCursor)}` : "";
      const page = await api.get<Page<Message>>(`sessions/${this.id}/messages/?limit=200${query}`, this.#leaving.signal);
      this.#olderCursor = page.next;
      fresh = page.results.filter((message) => !known.has(message.id));
    } while (fresh.length === 0 && this.#olderCursor);
    this.#patch((state) => putOlder(state, fresh, this.#olderCursor !== null));
  }

  async postComment(card: string, content: string, ref: string): Promise<void> {
    await api.post(`cards/${card}/comments/`, { content }, ref);
  }

  #patch(change: (state: RoomState) => RoomState): void {
    this.#next = change(this.#next);
    this.#paint.now();
  }

  #onEvents(events: StreamEvent[]): void {
    this.#next = events.reduce(apply, this.#next);
    if (events.some((event) => event.type.startsWith("request_"))) askWaiting();
    this.pending.update((list) => settlePending(list, events));
    this.#paint.ask();
    for (const listener of this.heard) listener();
    const isLive = this.socket.state.get().kind === "live";
    for (const event of events) {
      if (event.type === "message_added" && event.actor) this.typing.gone(event.actor.id);
      if (isLive) this.#live(event);
    }
  }

  #live(event: StreamEvent): void {
    const ahead = event.timestamp * 1000 - Date.now();
    this.#skew = Math.max(this.#skew ?? ahead, ahead);
    const sentence = sentenceOf(event, this.me.id);
    if (sentence && (event.type !== "message_added" || announceOthers.get())) announce(sentence);
  }

  #onFrame(type: string, data: Record<string, unknown>): void {
    if (type === "presence") this.here.heard(data as unknown as Presence);
    if (type === "typing") this.typing.heard(data["user"] as User);
    if (type === "error") console.warn("The server refused a frame.", data);
  }

  /** After a reset: the old picture stays until the new one is here. */
  async #reload(): Promise<Place> {
    const snapshot = await fetchSnapshot(this.id, this.#leaving.signal);
    this.role.set(snapshot.me.role);
    this.pending.update(dropAccepted);
    this.#patch((state) => fromSnapshot(snapshot.state, hasOlder(snapshot), state));
    announce("Room brought up to date.");
    void this.#loadHistory(snapshot);
    return snapshot;
  }

  async #loadHistory({ seq, epoch }: Place): Promise<void> {
    if (Object.keys(this.#next.runs).length === 0) return;
    try {
      const events = await fetchHistory(this.id, seq, epoch, this.#leaving.signal);
      this.#patch((state) => putHistory(state, events));
    } catch (cause) {
      if (!this.#leaving.signal.aborted) console.warn("Earlier steps of the runs couldn't be loaded.", cause);
    }
  }
}

function hasOlder(snapshot: SessionSnapshot): boolean {
  return snapshot.state.has_older ?? snapshot.has_older ?? false;
}

export function fetchSnapshot(session: string, signal?: AbortSignal): Promise<SessionSnapshot> {
  return api.get<SessionSnapshot>(`sessions/${session}/snapshot/`, signal);
}
