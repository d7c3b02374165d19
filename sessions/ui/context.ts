/** Hands the room's model and page state to every view below it. */
import { createContext } from "preact";
import { useContext, useRef } from "preact/hooks";
import { useSelected, useValue } from "../../project/ui/observable";
import type { AgentInfo } from "../../project/ui/wire";
import type { RoomModel } from "./model";
import type { RoomState } from "./store";
import type { CardRef } from "./types";
import type { RoomUi } from "./ui_state";

export interface RoomTools {
  model: RoomModel;
  ui: RoomUi;
  embedded: boolean;
  boardName: string | null;
  card: CardRef | null;
  agents: AgentInfo[];
  onClose: (() => void) | undefined;
}

export const RoomContext = createContext<RoomTools | null>(null);

export function useRoom(): RoomTools {
  const tools = useContext(RoomContext);
  if (!tools) throw new Error("This view belongs inside a room.");
  return tools;
}

/** A part of the state that keeps its identity while it is unchanged. */
export function useRoomState<S>(select: (state: RoomState) => S): S {
  return useSelected(useRoom().model.state, select);
}

/** Something built from parts of the state; built again only when one of the parts is another one. */
export function useDerived<I extends unknown[], T>(inputs: (state: RoomState) => [...I], derive: (...inputs: I) => T): T {
  const cache = useRef<{ inputs: [...I]; value: T } | null>(null);
  return useSelected(useRoom().model.state, (state) => {
    const now = inputs(state);
    const before = cache.current;
    if (before && now.every((part, at) => Object.is(part, before.inputs[at]))) return before.value;
    const value = derive(...now);
    cache.current = { inputs: now, value };
    return value;
  });
}

/** Whether this user may talk, stop, retry and answer. */
export function useCanTalk(): boolean {
  const { model } = useRoom();
  const role = useValue(model.role);
  const open = useRoomState((state) => state.session.status === "active");
  return open && role !== "viewer";
}
