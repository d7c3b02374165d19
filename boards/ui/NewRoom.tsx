/** A new room of the board, for questions that belong to no single card: at once, or with instructions and a way to work. */
import { useState } from "preact/hooks";
import { api } from "../../project/ui/api";
import { asCommandError } from "../../project/ui/errors";
import { Icon } from "../../project/ui/icons";
import { explain } from "../../project/ui/microcopy";
import { useSameRef } from "../../project/ui/same_ref";
import { useBoard, useConnected, useView } from "./context";
import { WORKFLOW as OPTIMISE, withWorkspace } from "./measuring";
import { ReviewField } from "./ReviewField";
import type { SessionRow } from "./SessionList";
import { WorkspaceField } from "./WorkspaceField";
import { workflowName, workflowPurpose } from "./workflows";

interface Wishes {
  title: string;
  workflow: string;
  review_plan: boolean;
  instructions: string;
  workspace: string;
}

const WORKFLOWS = ["chat", "resolve", OPTIMISE];

/** What is wished for, and the opening. */
function useNewRoom(onDone: () => void) {
  const { model, ui } = useBoard();
  const name = useView((view) => view.state.board.name);
  const [wishes, setWishes] = useState<Wishes>({ title: "", workflow: "chat", review_plan: false, instructions: "", workspace: "" });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const refOf = useSameRef();
  const open = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const title = wishes.title.trim() || `Questions about ${name}`.slice(0, 300);
    const { workspace, ...rest } = wishes;
    const review_plan = wishes.review_plan && wishes.workflow === "resolve";
    const instructions = wishes.workflow === OPTIMISE ? withWorkspace(workspace, wishes.instructions.trim()) : wishes.instructions.trim();
    const body = { ...rest, title, review_plan, instructions: instructions || null, board: model.id, card: null };
    try {
      const { session } = await api.post<{ session: SessionRow }>("sessions/", body, refOf(body));
      onDone();
      ui.openRoom(session.id);
    } catch (cause) {
      setError(explain(asCommandError(cause), { noun: "room" }));
      setBusy(false);
    }
  };
  return { wishes, busy, error, open, wish: (change: Partial<Wishes>) => setWishes({ ...wishes, ...change }) };
}

export function NewRoom({ onDone }: { onDone(): void }) {
  const connected = useConnected();
  const { wishes, busy, error, open, wish } = useNewRoom(onDone);
  return (
    <form class="stack" onSubmit={open}>
      <div>
        <button type="submit" class="button primary" disabled={busy || !connected} title={connected ? undefined : "Needs a connection"}>
          <Icon name="add" /> {busy ? "Opening…" : "New room"}
        </button>
        <p class="meta">Ask the agents about this board. Everybody on the board can read along.</p>
      </div>
      <details class="new-room-more">
        <summary>Title, way of working, instructions</summary>
        <div class="stack">
          <Options wishes={wishes} wish={wish} />
        </div>
      </details>
      {error && (
        <p class="field-error" role="alert">
          <Icon name="error" /> {error}
        </p>
      )}
    </form>
  );
}

function Options({ wishes, wish }: { wishes: Wishes; wish(change: Partial<Wishes>): void }) {
  return (
    <>
      <label class="field">
        <span class="label">Title</span>
        <input class="input" value={wishes.title} onInput={(event) => wish({ title: event.currentTarget.value })} />
      </label>
      <label class="field">
        <span class="label">Way of working</span>
        <select class="input" value={wishes.workflow} onChange={(event) => wish({ workflow: event.currentTarget.value })}>
          {WORKFLOWS.map((each) => (
            <option key={each} value={each}>
              {workflowName(each)}
            </option>
          ))}
        </select>
        <span class="meta">{workflowPurpose(wishes.workflow)}</span>
      </label>
      {wishes.workflow === OPTIMISE && <WorkspaceField chosen={wishes.workspace} onChoose={(workspace) => wish({ workspace })} />}
      {wishes.workflow === "resolve" && <ReviewField checked={wishes.review_plan} onChange={(review_plan) => wish({ review_plan })} />}
      <label class="field">
        <span class="label">Instructions for the agents</span>
        <textarea class="input" rows={3} value={wishes.instructions} onInput={(event) => wish({ instructions: event.currentTarget.value })} />
        <span class="meta">They come first in everything the agents are asked in this room.</span>
      </label>
    </>
  );
}
