/** Who is writing in the room, and telling others that I am. */
import { Observable } from "../../project/ui/observable";
import type { User } from "../../project/ui/wire";

const FADES_MS = 4000;
const TELL_EVERY_MS = 2000;

export class Typing {
  readonly users = new Observable<User[]>([]);
  readonly #me: string;
  readonly #tell: () => void;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #toldAt = 0;

  constructor(me: string, tell: () => void) {
    this.#me = me;
    this.#tell = tell;
  }

  /** I pressed a key. */
  typed(now = Date.now()): void {
    if (now - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = now;
    this.#tell();
  }

  heard(user: User): void {
    if (user.id === this.#me) return;
    clearTimeout(this.#timers.get(user.id));
    this.#timers.set(
      user.id,
      setTimeout(() => this.gone(user.id), FADES_MS),
    );
    if (!this.users.get().some((each) => each.id === user.id)) this.users.update((users) => [...users, user]);
  }

  /** They sent what they wrote, or stopped. */
  gone(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    if (this.users.get().some((each) => each.id === id)) this.users.update((users) => users.filter((each) => each.id !== id));
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
