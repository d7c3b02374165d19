/** A link to a work session's room; a plain click opens it beside the board, everything else its own page. */
import type { ComponentChildren } from "preact";
import { useBoard } from "./context";
import { markSeen } from "../../sessions/ui/seen";
import type { CardRun } from "./types";

interface Props {
  session: string;
  run: CardRun | null;
  class?: string;
  children: ComponentChildren;
}

export function RoomLink({ session, run, class: extra, children }: Props) {
  const { ui } = useBoard();
  return (
    <a
      class={extra}
      href={`/sessions/${session}/`}
      draggable={false}
      onClick={(event) => {
        if (run && run.status !== "running") markSeen(run.id);
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        ui.openRoom(session);
      }}
    >
      {children}
    </a>
  );
}
