/** Hands the board's model and page state to every view below it. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { isConnected } from "../../project/ui/connection_state";
import { useSelected } from "../../project/ui/observable";
import type { BoardModel } from "./model";
import { roleOf } from "./model";
import type { BoardUi, UiState } from "./ui_state";
import type { BoardView } from "./view";

export interface BoardTools {
  model: BoardModel;
  ui: BoardUi;
}

export const BoardContext = createContext<BoardTools | null>(null);

export function useBoard(): BoardTools {
  const tools = useContext(BoardContext);
  if (!tools) throw new Error("This view belongs inside a board.");
  return tools;
}

export function useView<S>(select: (view: BoardView) => S): S {
  return useSelected(useBoard().model.view, select);
}

export function useUi<S>(select: (state: UiState) => S): S {
  return useSelected(useBoard().ui.state, select);
}

/** Whether this user may change cards and columns. */
export function useCanEdit(): boolean {
  const { model } = useBoard();
  return useView((view) => roleOf(view.state, model.me) !== "viewer");
}

export function useIsOwner(): boolean {
  const { model } = useBoard();
  return useView((view) => roleOf(view.state, model.me) === "owner");
}

/** Whether work that must reach the server now can be offered. */
export function useConnected(): boolean {
  const { model } = useBoard();
  return useSelected(model.socket.state, isConnected);
}
