/** The keys of the board: arrows move the focus, Shift and arrows the card, letters open what menus offer too. */
import type { RefObject } from "preact";
import { showToast } from "../../project/ui/toast";
import { type Shortcuts, useShortcuts } from "../../project/ui/shortcuts";
import { archiveCard } from "./card_actions";
import type { BoardTools } from "./context";
import type { BoardLists } from "./lists";
import { roleOf } from "./model";
import { targetAt } from "./moves";
import type { Card } from "./types";
import type { PanelField } from "./ui_state";

/** Put the focus on a card's button; false when the card isn't drawn. */
export function focusCard(id: string): boolean {
  const face = document.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"] .card-face`);
  if (!face) return false;
  face.focus();
  face.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

function focusedId(): string | null {
  return document.activeElement?.closest<HTMLElement>("[data-card]")?.dataset["card"] ?? null;
}

interface Spot {
  card: Card;
  column: number;
  at: number;
  list: Card[];
}

function spotOf(lists: BoardLists, id: string | null): Spot | null {
  for (const [column, { id: columnId }] of lists.columns.entries()) {
    const list = lists.shown[columnId] ?? [];
    const at = list.findIndex((card) => card.id === id);
    const card = list[at];
    if (card) return { card, column, at, list };
  }
  return null;
}

function step(lists: BoardLists, spot: Spot | null, dx: number, dy: number): Card | undefined {
  const first = lists.columns.map((column) => lists.shown[column.id] ?? []).find((list) => list.length > 0)?.[0];
  if (!spot) return first;
  if (dy) return spot.list[spot.at + dy];
  for (let column = spot.column + dx; lists.columns[column]; column += dx) {
    const list = lists.shown[lists.columns[column]!.id] ?? [];
    if (list.length > 0) return list[Math.min(spot.at, list.length - 1)];
  }
  return undefined;
}

/** Move a card by keyboard or menu, keep the focus on it, and offer the way back. */
export function moveTo(tools: BoardTools, lists: BoardLists, card: Card, column: string, at: number): void {
  const { model, ui } = tools;
  const ids = (lists.shown[column] ?? []).filter((each) => each.id !== card.id).map((each) => each.id);
  const from = { column: card.column, list: lists.all[card.column] ?? [] };
  const back = from.list.findIndex((each) => each.id === card.id);
  ui.refocus = card.id;
  model.mover.move(card, targetAt(column, ids, at, new Set(ids)));
  const undo = () => {
    const rest = from.list.filter((each) => each.id !== card.id).map((each) => each.id);
    const current = model.state.cards[card.id];
    if (current) model.mover.move(current, targetAt(from.column, rest, back, new Set(rest.filter((id) => model.state.cards[id]?.column === from.column))));
  };
  showToast({ text: "Moved", action: { label: "Undo", run: undo } });
}

function shift(tools: BoardTools, lists: BoardLists, dx: number, dy: number): boolean {
  const spot = spotOf(lists, focusedId());
  if (!spot) return false;
  if (dy && spot.list[spot.at + dy]) moveTo(tools, lists, spot.card, spot.card.column, spot.at + dy);
  const column = dx ? lists.columns[spot.column + dx] : undefined;
  if (column) moveTo(tools, lists, spot.card, column.id, 0);
  return true;
}

function table(tools: BoardTools, lists: BoardLists): Shortcuts {
  const { model, ui } = tools;
  const spot = () => spotOf(lists, focusedId());
  const go = (dx: number, dy: number) => () => {
    if (document.activeElement?.closest(".panel")) return false;
    const next = step(lists, spot(), dx, dy);
    return next ? focusCard(next.id) : false;
  };
  const end = (at: 0 | -1) => () => {
    const card = spot()?.list.at(at);
    return card ? focusCard(card.id) : false;
  };
  /** The card the focus is on, or the one whose panel is open. */
  const subject = (): Card | undefined => spot()?.card ?? Object.values(model.state.cards).find((card) => card.number === ui.state.get().panel);
  const open = (field: PanelField | null) => () => {
    const card = subject();
    if (!card) return false;
    ui.openCard(card.number, field);
    return true;
  };
  const watching: Shortcuts = {
    ArrowLeft: go(-1, 0),
    ArrowRight: go(1, 0),
    ArrowUp: go(0, -1),
    ArrowDown: go(0, 1),
    Home: end(0),
    End: end(-1),
    "?": () => ui.patch({ dialog: { kind: "help" } }),
    "/": () => focusFilter(ui),
    "g b": () => location.assign("/"),
    c: open("comment"),
    Escape: () => escape(tools),
  };
  if (roleOf(model.state, model.me) === "viewer") return watching;
  return {
    ...watching,
    "Shift+ArrowUp": () => shift(tools, lists, 0, -1),
    "Shift+ArrowDown": () => shift(tools, lists, 0, 1),
    "Shift+ArrowLeft": () => shift(tools, lists, -1, 0),
    "Shift+ArrowRight": () => shift(tools, lists, 1, 0),
    e: open("title"),
    a: open("assignee"),
    l: open("labels"),
    d: open("due"),
    r: open("hand_over"),
    m: () => {
      const card = subject();
      if (card) ui.patch({ dialog: { kind: "move", card: card.id } });
      return card !== undefined;
    },
    n: () => {
      const column = spot()?.card.column ?? lists.columns[0]?.id;
      if (column) ui.patch({ adding: column });
      return column !== undefined;
    },
    x: () => {
      const card = subject();
      if (card) archiveCard(model, card);
      return card !== undefined;
    },
  };
}

function focusFilter(ui: BoardTools["ui"]): void {
  const field = document.querySelector<HTMLInputElement>(".filter-text");
  if (field?.offsetParent) field.focus();
  else ui.patch({ dialog: { kind: "filters" } });
}

/** Close the top layer and give the focus back to its card. */
function escape({ model, ui }: BoardTools): boolean {
  const state = ui.state.get();
  if (state.room) {
    ui.patch({ room: null });
    return true;
  }
  if (state.panel === null) return false;
  const card = Object.values(model.state.cards).find((each) => each.number === state.panel);
  ui.refocus = card?.id ?? null;
  ui.closeCard();
  return true;
}

export function useBoardKeys(tools: BoardTools, lists: RefObject<BoardLists>): void {
  useShortcuts(lists.current ? table(tools, lists.current) : {});
}
