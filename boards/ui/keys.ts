/** The keys of the board: arrows move the focus, Shift and arrows the card, letters open what menus offer too. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { KeyList } from "../../project/ui/KeysDialog";
import { showToast } from "../../project/ui/toast";
import { GO, type Shortcuts, useShortcuts } from "../../project/ui/shortcuts";
import { archiveCard } from "./card_actions";
import type { BoardTools } from "./context";
import type { BoardLists } from "./lists";
import { roleOf } from "./model";
import { targetAt } from "./moves";
import type { Card } from "./types";
import type { PanelField } from "./ui_state";

export const KEYS: KeyList = [
  ["← ↑ → ↓", "Go to a card"],
  ["Home End", "First or last card of the column"],
  ["Enter", "Open the card"],
  ["Shift ↑ ↓", "Move the card one place"],
  ["Shift ← →", "Move the card to the next column, top"],
  ["m", "Move to…"],
  ["n", "New card here"],
  ["e", "Edit the title"],
  ["a", "Assignee"],
  ["l", "Labels"],
  ["d", "Due date"],
  ["c", "Comment"],
  ["r", "Hand to agents"],
  ["x", "Archive"],
  ["/", "Filter"],
  ["Esc", "Close the top layer"],
];

function faceOf(card: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-card="${CSS.escape(card)}"] .card-face`);
}

/** Put the focus on a card's button; false when the card isn't drawn. */
export function focusCard(id: string): boolean {
  const face = faceOf(id);
  if (!face) return false;
  face.focus();
  face.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

function focusedId(): string | null {
  return document.activeElement?.closest<HTMLElement>("[data-card]")?.dataset["card"] ?? null;
}

/** The card that has the focus keeps it when it is drawn in another column, whoever moved it; the reader isn't. */
export function useKeptFocus(): void {
  const card = focusedId();
  useLayoutEffect(() => {
    if (card && document.activeElement === document.body) faceOf(card)?.focus({ preventScroll: true });
  });
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

/** What the keys act on right now. */
interface Scene {
  tools: BoardTools;
  lists: BoardLists;
  spot: Spot | null;
  /** The card the focus is on, or the one whose panel is open. */
  subject: Card | undefined;
}

function sceneOf(tools: BoardTools, lists: BoardLists): Scene {
  const spot = spotOf(lists, focusedId());
  const { panel } = tools.ui.state.get();
  const opened = Object.values(tools.model.state.cards).find((card) => card.number === panel);
  return { tools, lists, spot, subject: spot?.card ?? opened };
}

type Action = (scene: Scene) => boolean | void;

function go(dx: number, dy: number): Action {
  return ({ lists, spot }) => {
    if (document.activeElement?.closest(".side")) return false;
    const next = step(lists, spot, dx, dy);
    return next ? focusCard(next.id) : false;
  };
}

function end(at: 0 | -1): Action {
  return ({ spot }) => {
    const card = spot?.list.at(at);
    return card ? focusCard(card.id) : false;
  };
}

function shift(dx: number, dy: number): Action {
  return ({ tools, lists, spot }) => {
    if (!spot) return false;
    if (dy && spot.list[spot.at + dy]) moveTo(tools, lists, spot.card, spot.card.column, spot.at + dy);
    const column = dx ? lists.columns[spot.column + dx] : undefined;
    if (column) moveTo(tools, lists, spot.card, column.id, 0);
    return true;
  };
}

/** An action on the card in question; without one the key passes. */
function onCard(act: (card: Card, tools: BoardTools) => void): Action {
  return ({ tools, subject }) => {
    if (subject) act(subject, tools);
    return subject !== undefined;
  };
}

function open(field: PanelField): Action {
  return onCard((card, { ui }) => ui.openCard(card.number, field));
}

const WATCHING: Record<string, Action> = {
  ArrowLeft: go(-1, 0),
  ArrowRight: go(1, 0),
  ArrowUp: go(0, -1),
  ArrowDown: go(0, 1),
  Home: end(0),
  End: end(-1),
  "?": ({ tools }) => tools.ui.patch({ dialog: { kind: "help" } }),
  "/": ({ tools }) => focusFilter(tools.ui),
  Escape: ({ tools }) => escape(tools),
};

const EDITING: Record<string, Action> = {
  "Shift+ArrowUp": shift(0, -1),
  "Shift+ArrowDown": shift(0, 1),
  "Shift+ArrowLeft": shift(-1, 0),
  "Shift+ArrowRight": shift(1, 0),
  e: open("title"),
  a: open("assignee"),
  l: open("labels"),
  d: open("due"),
  c: open("comment"),
  r: open("hand_over"),
  m: onCard((card, { ui }) => ui.patch({ dialog: { kind: "move", card: card.id } })),
  x: onCard((card, { model }) => archiveCard(model, card)),
  n: ({ tools, lists, spot }) => {
    const column = spot?.card.column ?? lists.columns[0]?.id;
    if (column) tools.ui.addCard(column);
    return column !== undefined;
  },
};

function focusFilter(ui: BoardTools["ui"]): void {
  const field = document.querySelector<HTMLInputElement>(".filter-text");
  if (field?.offsetParent) field.focus();
  else ui.patch({ dialog: { kind: "filters" } });
}

/** Close the top layer and give the focus back to its card. */
function escape({ model, ui }: BoardTools): boolean {
  const state = ui.state.get();
  if (state.room) {
    ui.closeRoom();
    return true;
  }
  if (state.panel === null) return false;
  const card = Object.values(model.state.cards).find((each) => each.number === state.panel);
  ui.refocus = card?.id ?? null;
  ui.closeCard();
  return true;
}

export function useBoardKeys(tools: BoardTools, lists: RefObject<BoardLists>): void {
  const canEdit = roleOf(tools.model.state, tools.model.me) !== "viewer";
  const actions = canEdit ? { ...WATCHING, ...EDITING } : WATCHING;
  const bind = (action: Action) => () => {
    // Inside the room's drawer the letters belong to the room.
    if (action !== WATCHING["Escape"] && document.activeElement?.closest(".room-drawer")) return false;
    return lists.current ? action(sceneOf(tools, lists.current)) : false;
  };
  useShortcuts({ ...GO, ...(Object.fromEntries(Object.entries(actions).map(([key, action]) => [key, bind(action)])) as Shortcuts) });
}
