/** The rooms of this board, and a new one: for questions that belong to no single card. */
import { useEffect, useState } from "preact/hooks";
import { listAll } from "../../project/ui/api";
import { Dialog } from "../../project/ui/Dialog";
import { useBoard, useCanEdit } from "./context";
import { NewRoom } from "./NewRoom";
import { GreyLines, LoadFailed } from "./panel/PanelFrame";
import { SessionList, type SessionRow } from "./SessionList";

export function RoomsDialog({ onClose }: { onClose(): void }) {
  const canEdit = useCanEdit();
  return (
    <Dialog title="Rooms" onClose={onClose} wide>
      <div class="stack">
        {canEdit && <NewRoom onDone={onClose} />}
        <Rooms onClose={onClose} />
      </div>
    </Dialog>
  );
}

function Rooms({ onClose }: { onClose(): void }) {
  const { model } = useBoard();
  const [rows, setRows] = useState<SessionRow[] | "loading" | "failed">("loading");
  const load = () => {
    listAll<SessionRow>(`sessions/?board=${model.id}`).then(setRows, () => setRows("failed"));
  };
  useEffect(load, []);
  if (rows === "loading") return <GreyLines />;
  if (rows === "failed") return <LoadFailed what="Rooms" onRetry={load} />;
  if (rows.length === 0) return <p class="muted">No rooms yet. Hand a card to agents, or open one for questions.</p>;
  return (
    <div class="archived-list" onClick={(event) => event.target instanceof Element && event.target.closest("a") && onClose()}>
      <SessionList rows={rows} />
    </div>
  );
}
