/** "Measure this": which workspace is measured for the card. Nothing is changed in it; the report goes to the card. */
import { useEffect, useState } from "preact/hooks";
import { announce } from "../../../project/ui/announcer";
import { listAll } from "../../../project/ui/api";
import { Dialog } from "../../../project/ui/Dialog";
import { asCommandError, type CommandError } from "../../../project/ui/errors";
import { Icon } from "../../../project/ui/icons";
import { useBoard, useConnected } from "../context";
import { type Workspace, whoMeasures } from "../measuring";
import type { Card, FullCard } from "../types";
import { HandOverError } from "./HandOver";
import { GreyLines, LoadFailed } from "./PanelFrame";

interface Props {
  card: Card | FullCard;
  onClose(): void;
}

export function MeasureDialog({ card, onClose }: Props) {
  const [found, setFound] = useState<Workspace[] | "loading" | "failed">("loading");
  const load = () => {
    setFound("loading");
    listAll<Workspace>(`workspaces/?board=${card.board}`).then(setFound, () => setFound("failed"));
  };
  useEffect(load, [card.board]);
  return (
    <Dialog title={`Measure for #${card.number}`} onClose={onClose}>
      {found === "loading" && <GreyLines />}
      {found === "failed" && <LoadFailed what="Workspaces" onRetry={load} />}
      {Array.isArray(found) && (found.length === 0 ? <NoWorkspace onClose={onClose} /> : <Choice card={card} workspaces={found} onClose={onClose} />)}
    </Dialog>
  );
}

const EXAMPLE = `workspaces:
  shop:
    path: /srv/projects/shop
    users: ["*"]`;

function NoWorkspace({ onClose }: { onClose(): void }) {
  return (
    <>
      <div class="stack">
        <p>There is no workspace that you may have measured. A workspace is a project's folder with a bench.yaml in it, which says what is measured and what the budgets are.</p>
        <p>Whoever runs this server adds one to config.yaml and starts it again:</p>
        <pre class="measure-example mono">{EXAMPLE}</pre>
      </div>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      </div>
    </>
  );
}

function useMeasuring(card: Card | FullCard, onClose: () => void) {
  const { model } = useBoard();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CommandError | null>(null);
  const agent = whoMeasures(model.agents);
  const measure = async (workspace: Workspace) => {
    setBusy(true);
    setError(null);
    try {
      await model.now("hand_over_card", { card: card.id, agent: agent?.id, workflow: "optimise", instructions: workspace.measure });
      announce(`Measuring ${workspace.name} for #${card.number}.`);
      onClose();
    } catch (cause) {
      setError(asCommandError(cause));
    }
    setBusy(false);
  };
  return { agent, busy, error, measure };
}

function Choice({ card, workspaces, onClose }: Props & { workspaces: Workspace[] }) {
  const connected = useConnected();
  const [name, setName] = useState(workspaces[0]!.name);
  const { agent, busy, error, measure } = useMeasuring(card, onClose);
  const submit = (event: Event) => {
    event.preventDefault();
    const chosen = workspaces.find((each) => each.name === name);
    if (chosen) void measure(chosen);
  };
  return (
    <form class="stack" onSubmit={submit}>
      <fieldset class="measure-choices">
        <legend class="label">Workspace</legend>
        {workspaces.map((each) => (
          <label key={each.name} class="row">
            <input type="radio" name="workspace" checked={each.name === name} onChange={() => setName(each.name)} /> {each.name}
          </label>
        ))}
      </fieldset>
      <p class="meta">
        {agent ? `${agent.username} plays its scenarios and measures a copy of it` : "No agent here can measure"}. Nothing is changed; the report is kept with this card.
      </p>
      {error && <HandOverError error={error} text="" />}
      <div class="dialog-actions">
        {!connected && <span class="meta">Needs a connection</span>}
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={busy || !connected || !agent}>
          <Icon name="gauge" /> {busy ? "Starting…" : "Measure"}
        </button>
      </div>
    </form>
  );
}
