/** What is open on the board page, the filters, and which card holds the focus. Never anything the server owns. */
import { Observable } from "../../project/ui/observable";
import { type Filters, NO_FILTERS } from "./filters";

/** The part of the card panel to put the focus in, for the keys e, a, l, d, c, r. */
export type PanelField = "title" | "assignee" | "labels" | "due" | "comment" | "hand_over";

export type OpenDialog =
  | { kind: "move"; card: string }
  | { kind: "help" }
  | { kind: "members" }
  | { kind: "archived" }
  | { kind: "rooms" }
  | { kind: "filters" }
  | { kind: "board" }
  | { kind: "delete_board" }
  | { kind: "column"; column: string; field: "name" | "limit" }
  | { kind: "delete_column"; column: string };

export interface UiState {
  filters: Filters;
  /** Number of the card whose panel is open. */
  panel: number | null;
  field: PanelField | null;
  dialog: OpenDialog | null;
  /** Work session shown in the drawer. */
  room: string | null;
  /** Column whose quick add is open. */
  adding: string | null;
  /** How often a quick add was asked for: each time the focus goes into its field. */
  asked: number;
  /** Card that is reached by Tab in its column. */
  focus: string | null;
}

const STARTING: UiState = { filters: NO_FILTERS, panel: null, field: null, dialog: null, room: null, adding: null, asked: 0, focus: null };

/** What a history entry of this page stands for. */
interface Layer {
  panel?: boolean;
  room?: boolean;
}

/** The room that the address names, so that it comes back after a reload and can be linked to. */
function roomInAddress(): string | null {
  const room = new URLSearchParams(location.search).get("room");
  return room && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(room) ? room : null;
}

export class BoardUi {
  readonly state: Observable<UiState>;
  readonly #base: string;
  /** Card to focus after the next drawing, because moving it replaced its element. */
  refocus: string | null = null;

  constructor(board: string, panel: number | null) {
    this.#base = `/boards/${board}/`;
    this.state = new Observable<UiState>({ ...STARTING, panel, room: roomInAddress() });
    addEventListener("popstate", () => this.#fromAddress());
  }

  patch(change: Partial<UiState>): void {
    this.state.update((state) => ({ ...state, ...change }));
  }

  /** Open a column's quick add, or go on in the one that is open. */
  addCard(column: string): void {
    this.patch({ adding: column, asked: this.state.get().asked + 1 });
  }

  /** Open a card's panel under its own address, so that Back closes it; from one card to the next leaves no trace. */
  openCard(number: number, field: PanelField | null = null): void {
    const { panel, room } = this.state.get();
    if (panel === null || room !== null) history.pushState({ panel: true }, "", this.cardAddress(number));
    else history.replaceState(history.state, "", this.cardAddress(number));
    this.patch({ panel: number, field, room: null });
  }

  /** Show a room beside the board, over the card's panel if that is open; Back closes it too. */
  openRoom(session: string): void {
    const address = `${location.pathname}?room=${session}`;
    if (this.state.get().room === null) history.pushState({ room: true }, "", address);
    else history.replaceState(history.state, "", address);
    this.patch({ room: session });
  }

  closeRoom(): void {
    if ((history.state as Layer | null)?.room) history.back();
    else {
      history.replaceState(null, "", location.pathname);
      this.patch({ room: null });
    }
  }

  closeCard(): void {
    if ((history.state as Layer | null)?.panel) history.back();
    else {
      history.replaceState(null, "", this.#base);
      this.patch({ panel: null, field: null });
    }
  }

  cardAddress(number: number): string {
    return `${this.#base}cards/${number}/`;
  }

  #fromAddress(): void {
    const number = /\/cards\/(\d+)\/$/.exec(location.pathname)?.[1];
    this.patch({ panel: number ? Number(number) : null, field: null, room: roomInAddress() });
  }
}
