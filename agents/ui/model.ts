/** The inbox's one object: rows that are asked for again and again, and the answers given here. */
import { api, listAll } from "../../project/ui/api";
import { announce } from "../../project/ui/announcer";
import { Observable } from "../../project/ui/observable";
import { Poller } from "../../project/ui/poll";
import { waiting } from "../../project/ui/waiting";
import type { User } from "../../project/ui/wire";
import type { Answer, Answers } from "../../sessions/ui/answering";
import { outcomeWords, titleWords } from "../../sessions/ui/request_words";
import type { Request } from "../../sessions/ui/types";
import { countWaiting, fromLists, type InboxState, isOpen, takeLists, takeRequest } from "./store";
import type { InboxPageData, InboxRow } from "./types";

const EVERY_MS = 5000;

export class InboxModel implements Answers {
  readonly me: User;
  readonly state: Observable<InboxState>;
  readonly link = new Poller((signal) => this.#refresh(signal), EVERY_MS);

  constructor(page: InboxPageData) {
    this.me = page.user;
    this.state = new Observable(fromLists(page.open.results, page.ended.results));
    waiting.set(countWaiting(this.state.get()));
  }

  now(): number {
    return Date.now();
  }

  async answer(request: Request, answer: Answer, ref: string): Promise<void> {
    const reply = await api.post<{ request: Request }>(`requests/${request.id}/answer/`, { hash: request.hash, ...answer }, ref);
    this.putRequest(reply.request);
    // Whatever is on its way was read before this answer.
    this.link.retryNow();
  }

  putRequest(request: Request): void {
    this.#set(takeRequest(this.state.get(), request, Date.now()));
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const [open, ended] = await Promise.all([listAll<InboxRow>("inbox/?state=open", signal), listAll<InboxRow>("inbox/?state=ended", signal)]);
    const before = this.state.get();
    this.#set(takeLists(before, open, ended, Date.now()));
    this.#tell(before);
  }

  #set(state: InboxState): void {
    this.state.set(state);
    waiting.set(countWaiting(state));
  }

  /** Say what came, or what somebody else has answered. */
  #tell(before: InboxState): void {
    for (const row of Object.values(this.state.get().rows)) {
      const known = before.rows[row.request.id];
      if (!known && isOpen(row)) announce(`New request: ${titleWords(row.request)}`);
      if (known && isOpen(known) && !isOpen(row)) announce(outcomeWords(row.request, this.me, row.with_changes));
    }
  }
}
