/** Notes on cards and tints for others' changes, each with its time to live. */
import type { Observable } from "../../project/ui/observable";
import type { StreamEvent } from "../../project/ui/wire";
import { type BoardView, omit } from "./view";

const NOTE_MS = 8000;
const MARK_MS = 3000;
const BUSY_PER_S = 10;

export class Marks {
  readonly #view: Observable<BoardView>;
  readonly #me: string;
  #count = 0;
  #recent: number[] = [];

  constructor(view: Observable<BoardView>, me: string) {
    this.#view = view;
    this.#me = me;
  }

  note(card: string, text: string, tone: "danger" | "info" = "danger"): void {
    const id = (this.#count += 1);
    this.#view.update((view) => ({ ...view, notes: { ...view.notes, [card]: { text, tone, id } } }));
    setTimeout(() => this.dismiss(card, id), NOTE_MS);
  }

  dismiss(card: string, id?: number): void {
    if (id !== undefined && this.#view.get().notes[card]?.id !== id) return;
    this.#view.update((view) => ({ ...view, notes: omit(view.notes, card) }));
  }

  /** Mark the card of somebody else's event; nothing when the board changes faster than an eye can follow. */
  seen(event: StreamEvent, now = Date.now()): void {
    this.#recent = [...this.#recent.filter((at) => now - at < 1000), now];
    const card = cardOf(event);
    if (!card || event.actor?.id === this.#me || this.isBusy) return;
    const id = (this.#count += 1);
    const mark = { by: event.actor, moved: event.type === "card_moved", id };
    this.#view.update((view) => ({ ...view, marks: { ...view.marks, [card]: mark } }));
    setTimeout(() => {
      if (this.#view.get().marks[card]?.id === id) this.#view.update((view) => ({ ...view, marks: omit(view.marks, card) }));
    }, MARK_MS);
  }

  get isBusy(): boolean {
    return this.#recent.length > BUSY_PER_S;
  }
}

const MARKED = new Set(["card_created", "card_edited", "card_restored", "card_moved"]);

function cardOf(event: StreamEvent): string | null {
  if (!MARKED.has(event.type)) return null;
  const card = event.data["card"];
  if (typeof card === "string") return card;
  return (card as { id?: string } | undefined)?.id ?? null;
}
