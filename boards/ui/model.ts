/** The board page's one object: socket, store and optimistic work tied together; views call its methods. */
import { announce } from "../../project/ui/announcer";
import { api, listAll, newRef } from "../../project/ui/api";
import { asCommandError } from "../../project/ui/errors";
import { Observable } from "../../project/ui/observable";
import type { Reply } from "../../project/ui/outbox";
import { type Place as StreamPlace, StreamSocket } from "../../project/ui/socket";
import type { AgentInfo, Presence, Role, StreamEvent, User } from "../../project/ui/wire";
import { askWaiting } from "../../project/ui/waiting";
import { type ActivityState, addActivity, NO_ACTIVITY } from "./activity";
import { Marks } from "./marks";
import { captureCards } from "./motion";
import { Mover } from "./mover";
import { apply, type BoardState, closeCard, fromSnapshot, openCard, putComments, putDetail } from "./store";
import { OthersSummary } from "./summary";
import type { AgentActivity, BoardPageData, Card, CardRun, Comment, FullCard, Snapshot } from "./types";
import { type BoardView, emptyView } from "./view";

export class BoardModel {
  readonly id: string;
  readonly me: User;
  readonly agents: AgentInfo[];
  readonly view: Observable<BoardView>;
  readonly presence = new Observable<Presence>({ users: [], total: 0 });
  readonly activity = new Observable<ActivityState>(NO_ACTIVITY);
  /** Told of every applied event, for what lasts no longer than a view (a drag, an open panel). */
  readonly listeners = new Set<(event: StreamEvent) => void>();
  readonly socket: StreamSocket;
  readonly marks: Marks;
  readonly mover: Mover;
  readonly #summary: OthersSummary;
  readonly #movers = new Map<string, User>();
  #viewing: string | null = null;

  constructor(page: BoardPageData) {
    const { snapshot } = page;
    this.id = snapshot.state.board.id;
    this.me = snapshot.me.user;
    this.agents = page.agents;
    this.view = new Observable(emptyView(fromSnapshot(snapshot.state)));
    this.marks = new Marks(this.view, this.me.id);
    this.#summary = new OthersSummary(this.me.id);
    this.socket = new StreamSocket({
      path: `/ws/boards/${this.id}/`,
      start: snapshot,
      onEvents: (events) => this.#onEvents(events),
      onFrame: (type, data) => this.#onFrame(type, data),
      onHello: () => this.setViewing(this.#viewing),
      reload: () => this.#reload(),
    });
    this.mover = new Mover({
      view: this.view,
      marks: this.marks,
      send: (type, data, ref) => this.socket.send(type, data, { ref, hold: true }),
      applied: () => this.socket.cursor.last,
      movedBy: (card) => this.#movers.get(card) ?? null,
    });
  }

  get state(): BoardState {
    return this.view.get().state;
  }

  get role(): Role {
    return roleOf(this.state, this.me);
  }

  /** Ask for a board edit; it is held while offline. */
  edit(type: string, data: unknown, ref: string = newRef()): Promise<Reply> {
    return this.socket.send(type, data, { ref, hold: true });
  }

  /** Ask for something that must reach the server now: delete, hand over, stop. */
  now(type: string, data: unknown): Promise<Reply> {
    return this.socket.send(type, data);
  }

  /** Tell the others which card is open here; a new connection is told again. */
  setViewing(card: string | null): void {
    const changed = card !== this.#viewing;
    this.#viewing = card;
    if (changed || card !== null) this.socket.control("viewing", { card });
  }

  /** Fetch a card in full with its comments; events keep both true from then on. */
  async openCard(card: string): Promise<void> {
    this.#patch((state) => openCard(state, card));
    const full = await api.get<FullCard>(`cards/${card}/`);
    this.#patch((state) => putDetail(state, full));
  }

  /** The id of a card by its number: on the board, opened before, or archived. */
  async findCard(number: number): Promise<string | null> {
    const known = [...Object.values(this.state.cards), ...Object.values(this.state.details)].find((card) => card.number === number);
    if (known) return known.id;
    const archived = await listAll<Card>(`boards/${this.id}/cards/?archived=true`);
    return archived.find((card) => card.number === number)?.id ?? null;
  }

  async loadComments(card: string): Promise<void> {
    const fetched = await listAll<Comment>(`cards/${card}/comments/`);
    this.#patch((state) => putComments(state, card, fetched));
  }

  /** A panel was closed: stop keeping the card in full. */
  closeCard(card: string): void {
    this.#patch((state) => closeCard(state, card));
  }

  #patch(change: (state: BoardState) => BoardState): void {
    this.view.update((view) => ({ ...view, state: change(view.state) }));
  }

  #onEvents(events: StreamEvent[]): void {
    const moves = events.filter((event) => event.type === "card_moved");
    if (events.some((event) => changesWaiting(this.state, event))) askWaiting();
    for (const { actor, data } of moves) if (actor) this.#movers.set(String(data["card"]), actor);
    for (const event of events) this.marks.seen(event);
    if (!this.marks.isBusy) captureCards(moves.map((event) => String(event.data["card"])));
    this.#patch((state) => events.reduce(apply, state));
    for (const event of events) {
      for (const listener of this.listeners) listener(event);
    }
    this.#summary.add(events);
    this.mover.settle();
  }

  #onFrame(type: string, data: Record<string, unknown>): void {
    if (type === "presence") this.presence.set(data as unknown as Presence);
    if (type === "agent_activity") this.activity.update((state) => addActivity(state, data as unknown as AgentActivity));
    if (type === "error") console.warn("The server refused a frame.", data);
  }

  /** After a reset: the old picture stays until the new one is here, then cards are patched by id. No event comes before. */
  async #reload(): Promise<StreamPlace> {
    const snapshot = await api.get<Snapshot>(`boards/${this.id}/snapshot/`);
    const opened = await Promise.all(Object.keys(this.state.details).map(fetchOpened));
    this.#patch((state) => opened.reduce(putOpened, fromSnapshot(snapshot.state, state)));
    announce("Board brought up to date.");
    return snapshot;
  }
}

interface Opened {
  card: string;
  /** Null: it is gone. */
  full: FullCard | null;
  comments: Comment[];
}

async function fetchOpened(card: string): Promise<Opened> {
  try {
    const [full, comments] = await Promise.all([api.get<FullCard>(`cards/${card}/`), listAll<Comment>(`cards/${card}/comments/`)]);
    return { card, full, comments };
  } catch (cause) {
    if (asCommandError(cause).code === "not_found") return { card, full: null, comments: [] };
    throw cause;
  }
}

/** What was fetched takes the place of what was known, unless the card was closed meanwhile. */
function putOpened(state: BoardState, { card, full, comments }: Opened): BoardState {
  if (!(card in state.details)) return state;
  const closed = closeCard(state, card);
  return full ? putComments(putDetail(openCard(closed, card), full), card, comments) : closed;
}

/** Whether the event says that another number of requests waits. */
function changesWaiting(state: BoardState, { type, data }: StreamEvent): boolean {
  if (type !== "run_changed") return false;
  const run = data["run"] as CardRun | null;
  return (run?.open_requests ?? 0) !== (state.cards[String(data["card"])]?.run?.open_requests ?? 0);
}

export function roleOf(state: BoardState, me: User): Role {
  return state.members[me.id]?.role ?? "viewer";
}
