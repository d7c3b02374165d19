import { beforeEach, expect, test, vi } from "vitest";
import { BoardUi } from "../../boards/ui/ui_state";

const ROOM = "01a1fe27-4465-7054-a7f5-12858522de16";

const OTHER_ROOM = "01a1fe27-4465-7054-a7f5-12858522de17";

/** The address and the entries of a window, as far as the board's page uses them. */
function visit(address: string): { back(): void } {
  const entries: { state: unknown; url: string }[] = [{ state: null, url: address }];
  const listeners: (() => void)[] = [];
  const show = () => {
    const { url, state } = entries.at(-1)!;
    const { pathname, search } = new URL(url, "http://workroom.test");
    vi.stubGlobal("location", { pathname, search });
    Object.assign(history, { state });
  };
  const history = {
    state: null as unknown,
    pushState: (state: unknown, _: string, url: string) => (entries.push({ state, url }), show()),
    replaceState: (state: unknown, _: string, url: string) => ((entries[entries.length - 1] = { state, url }), show()),
    back: () => (entries.pop(), show(), listeners.forEach((listener) => listener())),
  };
  vi.stubGlobal("history", history);
  vi.stubGlobal("addEventListener", (_: string, listener: () => void) => listeners.push(listener));
  show();
  return history;
}

const address = () => location.pathname + location.search;

beforeEach(() => void vi.unstubAllGlobals());

test("an open room is in the address and goes by Back", () => {
  const history = visit("/boards/b/");
  const ui = new BoardUi("b", null);
  ui.openCard(13);
  ui.openRoom(ROOM);
  expect(address()).toBe(`/boards/b/cards/13/?room=${ROOM}`);
  history.back();
  expect(ui.state.get()).toMatchObject({ panel: 13, room: null });
  history.back();
  expect(ui.state.get()).toMatchObject({ panel: null, room: null });
});

test("from one card or room to the next leaves no trace: closing leads to what lay below", () => {
  visit("/boards/b/");
  const ui = new BoardUi("b", null);
  ui.openCard(13);
  ui.openCard(14);
  expect(address()).toBe("/boards/b/cards/14/");
  ui.openRoom(ROOM);
  ui.openRoom(OTHER_ROOM);
  expect(address()).toBe(`/boards/b/cards/14/?room=${OTHER_ROOM}`);
  ui.closeRoom();
  expect(ui.state.get()).toMatchObject({ panel: 14, room: null });
  ui.closeCard();
  expect(ui.state.get()).toMatchObject({ panel: null, room: null });
  expect(address()).toBe("/boards/b/");
});

test("a card opened from the room above it leads back to the room", () => {
  visit("/boards/b/");
  const ui = new BoardUi("b", null);
  ui.openCard(13);
  ui.openRoom(ROOM);
  ui.openCard(13);
  expect(address()).toBe("/boards/b/cards/13/");
  ui.closeCard();
  expect(ui.state.get()).toMatchObject({ panel: 13, room: ROOM });
});

test("a room named by the address is open from the start, and closing it clears the address", () => {
  visit(`/boards/b/cards/13/?room=${ROOM}`);
  const ui = new BoardUi("b", 13);
  expect(ui.state.get().room).toBe(ROOM);
  ui.closeRoom();
  expect(address()).toBe("/boards/b/cards/13/");
  expect(ui.state.get()).toMatchObject({ panel: 13, room: null });
});

test("anything else in the address opens nothing", () => {
  visit("/boards/b/?room=../../admin");
  expect(new BoardUi("b", null).state.get().room).toBeNull();
});

test("asking for a quick add that is open already asks for its field again", () => {
  visit("/boards/b/");
  const ui = new BoardUi("b", null);
  ui.addCard("todo");
  const { asked } = ui.state.get();
  ui.addCard("todo");
  expect(ui.state.get()).toMatchObject({ adding: "todo", asked: asked + 1 });
});
