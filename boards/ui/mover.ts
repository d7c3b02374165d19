/** Moving cards optimistically: one move per card in flight, the last place wins, refusals slide back and say why. */
import { announce, announceFailure } from "../../project/ui/announcer";
import { newRef } from "../../project/ui/api";
import { asCommandError, CommandError } from "../../project/ui/errors";
import { explain } from "../../project/ui/microcopy";
import type { Observable } from "../../project/ui/observable";
import { hideToast } from "../../project/ui/toast";
import type { Reply } from "../../project/ui/outbox";
import type { User } from "../../project/ui/wire";
import { explainOn } from "./limits";
import type { Marks } from "./marks";
import { captureCards } from "./motion";
import { type PendingMove, stillThere, type Target } from "./moves";
import { cardsOf } from "./order";
import { currentCard } from "./stale";
import type { Card, FullCard } from "./types";
import type { BoardView } from "./view";

export interface MoverPorts {
  view: Observable<BoardView>;
  marks: Marks;
  send(type: string, data: unknown, ref: string): Promise<Reply>;
  /** Last event applied here. */
  applied(): number;
  /** Who moved the card last, as far as events have told. */
  movedBy(card: string): User | null;
}

export class Mover {
  readonly #ports: MoverPorts;

  constructor(ports: MoverPorts) {
    this.#ports = ports;
  }

  /** Show the card at `target` at once and ask the server for it. */
  move(card: Card, target: Target): void {
    captureCards([card.id]);
    this.#ports.marks.dismiss(card.id);
    const pending = this.#find(card.id);
    if (pending) {
      this.#replace(card.id, { ...pending, next: target });
      return;
    }
    const confirmed = this.#ports.view.get().state.cards[card.id];
    if (!confirmed) return;
    this.#begin(confirmed, target, false);
  }

  /** Say why a card stays that was dropped on a full column; nothing is sent. */
  refuse(card: string, column: { name: string; wip_limit: number | null }, count: number): void {
    this.#tell(card, explain(new CommandError({ code: "wip_limit", message: "", data: { column, limit: column.wip_limit, count } })));
  }

  /** Forget moves whose outcome has been applied, and send what waited behind them. */
  settle(): void {
    const applied = this.#ports.applied();
    for (const move of this.#ports.view.get().pending) {
      if (move.settledAt !== null && move.settledAt <= applied) this.#finish(move);
    }
  }

  /** The card is gone from the board: its moves end without a word of their own. Whether there was one. */
  forget(card: string): boolean {
    const wasMoving = this.#find(card) !== undefined;
    this.#remove(card);
    return wasMoving;
  }

  #begin(card: Card, target: Target, retried: boolean): void {
    const base = { column: card.column, rank: card.rank, version: card.version };
    const move: PendingMove = { ...target, card: card.id, ref: newRef(), base, since: Date.now(), retried, next: null, settledAt: null };
    this.#ports.view.update((view) => ({ ...view, pending: [...view.pending.filter((each) => each.card !== card.id), move] }));
    const data = { card: card.id, column: target.column, version: card.version, ...target.place };
    this.#ports.send("move_card", data, move.ref).then(
      (reply) => this.#accepted(move.card, move.ref, reply),
      (cause: unknown) => this.#refused(move.card, move.ref, asCommandError(cause)),
    );
  }

  #accepted(card: string, ref: string, reply: Reply): void {
    const move = this.#find(card);
    if (move?.ref !== ref) return;
    this.#replace(card, { ...move, settledAt: reply.seq });
    this.#announceArrival(reply["card"] as FullCard);
    this.settle();
  }

  #announceArrival(card: FullCard): void {
    const { state } = this.#ports.view.get();
    const column = state.columns[card.column];
    const list = cardsOf(state.cards, card.column);
    const at = list.findIndex((each) => each.id === card.id);
    const place = at < 0 ? "" : `, ${at + 1} of ${list.length}`;
    announce(`Moved #${card.number} ${card.title} to ${column?.name ?? "another column"}${place}.`);
  }

  #finish(move: PendingMove): void {
    this.#remove(move.card);
    const card = this.#ports.view.get().state.cards[move.card];
    if (move.next && card) this.#begin(card, move.next, false);
  }

  #refused(card: string, ref: string, error: CommandError): void {
    const move = this.#find(card);
    if (move?.ref !== ref) return;
    const current = currentCard(error);
    const confirmed = this.#ports.view.get().state.cards[card];
    if (confirmed && current && stillThere(move, current)) {
      this.#begin({ ...confirmed, version: current.version }, move.next ?? move, true);
      return;
    }
    if (confirmed && !current && move.next) {
      this.#begin(confirmed, move.next, false);
      return;
    }
    captureCards([card]);
    this.#remove(card);
    hideToast(); // It may still say "Moved".
    this.#tell(card, this.#reason(error, current));
  }

  #tell(card: string, reason: string): void {
    this.#ports.marks.note(card, reason);
    announceFailure(`Not moved: ${reason}`);
  }

  #reason(error: CommandError, current: FullCard | undefined): string {
    const { state } = this.#ports.view.get();
    if (error.code !== "stale_version" || !current) return explainOn(state.columns, error);
    const column = state.columns[current.column]?.name ?? "another column";
    const by = this.#ports.movedBy(current.id);
    const who = by ? `${by.username} moved #${current.number}` : `#${current.number} was moved`;
    return `${who} to ${column} a moment ago. It stays there.`;
  }

  #find(card: string): PendingMove | undefined {
    return this.#ports.view.get().pending.find((move) => move.card === card);
  }

  #replace(card: string, move: PendingMove): void {
    this.#ports.view.update((view) => ({ ...view, pending: view.pending.map((each) => (each.card === card ? move : each)) }));
  }

  #remove(card: string): void {
    if (!this.#find(card)) return;
    this.#ports.view.update((view) => ({ ...view, pending: view.pending.filter((each) => each.card !== card) }));
  }
}
