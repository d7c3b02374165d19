/** The seam between a board and the room of a work session. */
import type { BoardUi } from "./ui_state";

export function openRoom(_ui: BoardUi, session: string): void {
  location.assign(`/sessions/${session}/`);
}
