/** Who is here, with ten seconds of grace for those who leave: a reload is no departure. */
import { Observable } from "../../project/ui/observable";
import type { Presence, PresentUser } from "../../project/ui/wire";

const GRACE_MS = 10_000;

interface Leaver {
  user: PresentUser;
  until: number;
}

export class WhoIsHere {
  readonly shown = new Observable<Presence>({ users: [], total: 0 });
  #present: Presence = { users: [], total: 0 };
  #leavers: Leaver[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** The server's newest list. */
  heard(presence: Presence, now = Date.now()): void {
    const here = new Set(presence.users.map((user) => user.id));
    const gone = this.#present.users.filter((user) => !here.has(user.id)).map((user) => ({ user, until: now + GRACE_MS }));
    this.#leavers = [...this.#leavers, ...gone].filter((leaver) => !here.has(leaver.user.id));
    this.#present = presence;
    this.#show(now);
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  #show(now: number): void {
    this.stop();
    this.#leavers = this.#leavers.filter((leaver) => leaver.until > now);
    const users = [...this.#present.users, ...this.#leavers.map((leaver) => leaver.user)];
    this.shown.set({ users, total: this.#present.total + this.#leavers.length });
    const next = Math.min(...this.#leavers.map((leaver) => leaver.until));
    if (Number.isFinite(next)) this.#timer = setTimeout(() => this.#show(Date.now()), Math.max(0, next - now));
  }
}
