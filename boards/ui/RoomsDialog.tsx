/** The rooms of this board, and a new one: for questions that belong to no single card. */
import { useEffect, useState } from "preact/hooks";
import { api, listAll, newRef } from "../../project/ui/api";
import { Dialog } from "../../project/ui/Dialog";
import { asCommandError } from "../../project/ui/errors";
import { Icon } from "../../project/ui/icons";
import { explain } from "../../project/ui/microcopy";
import { useBoard, useCanEdit, useConnected, useView } from "./context";
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

function NewRoom({ onDone }: { onDone(): void }) {
  const { model, ui } = useBoard();
  const name = useView((view) => view.state.board.name);
  const connected = useConnected();
  const [ref] = useState(newRef);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const open = async () => {
    setBusy(true);
    setError(null);
    try {
      const body = { title: `Questions about ${name}`.slice(0, 300), board: model.id, card: null, workflow: "chat" };
      const { session } = await api.post<{ session: SessionRow }>("sessions/", body, ref);
      onDone();
      ui.openRoom(session.id);
    } catch (cause) {
      setError(explain(asCommandError(cause), { noun: "room" }));
      setBusy(false);
    }
  };
  return (
    <div>
      <button type="button" class="button primary" disabled={busy || !connected} title={connected ? undefined : "Needs a connection"} onClick={open}>
        <Icon name="add" /> {busy ? "Opening…" : "New room"}
      </button>
      <p class="meta">Ask the agents about this board. Everybody on the board can read along.</p>
      {error && (
        <p class="field-error" role="alert">
          <Icon name="error" /> {error}
        </p>
      )}
    </div>
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
