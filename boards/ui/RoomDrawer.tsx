/** The room of a work session beside the board. */
import { Suspense } from "preact/compat";
import { useEffect, useRef } from "preact/hooks";
import { useBoard, useView } from "./context";
import { GreyLines } from "./panel/PanelFrame";
import { Room } from "./rooms";
import { Side } from "./Side";

export function RoomDrawer({ session }: { session: string }) {
  const { model, ui } = useBoard();
  const name = useView((view) => view.state.board.name);
  const card = useView((view) => Object.values(view.state.cards).find((each) => each.run?.session === session));
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), [session]);
  const close = () => ui.closeRoom();
  return (
    <Side label="Room" onClose={close} wide>
      <div ref={box} class="room-drawer" tabIndex={-1}>
        <Suspense fallback={<GreyLines />}>
          <Room
            key={session}
            sessionId={session}
            beside={model.socket}
            boardName={name}
            card={card ? { id: card.id, number: card.number, title: card.title } : null}
            agents={model.agents}
            onClose={close}
          />
        </Suspense>
      </div>
    </Side>
  );
}
