/** "Hand to agents": which agent, which workflow, and what should come out of it. */
import { useState } from "preact/hooks";
import { announce } from "../../../project/ui/announcer";
import { api } from "../../../project/ui/api";
import { loadDraft, saveDraft } from "../../../project/ui/drafts";
import { asCommandError, type CommandError } from "../../../project/ui/errors";
import { Icon } from "../../../project/ui/icons";
import { explain } from "../../../project/ui/microcopy";
import { ModelNotice, modelName } from "../../../project/ui/ModelNotice";
import { useSameRef } from "../../../project/ui/same_ref";
import type { AgentInfo } from "../../../project/ui/wire";
import { useBoard, useConnected } from "../context";
import { WORKFLOW as OPTIMISE, withWorkspace } from "../measuring";
import { ReviewField } from "../ReviewField";
import { RoomLink } from "../RoomLink";
import type { Card, FullCard } from "../types";
import { MeasureButton } from "./MeasureButton";
import { WorkspaceField } from "../WorkspaceField";
import { workflowName, workflowPurpose } from "../workflows";

/** What is asked for, and the asking. */
function useHandOver(card: Card | FullCard, onDone: () => void) {
  const { model } = useBoard();
  const [agentId, setAgentId] = useState(() => (card.assignee?.kind === "agent" ? card.assignee.id : (model.agents[0]?.id ?? "")));
  const [workflow, setWorkflow] = useState("resolve");
  const [instructions, setInstructions] = useState(() => loadDraft(card.id, "hand_over") ?? "");
  const [review, setReview] = useState(false);
  const [workspace, setWorkspace] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CommandError | null>(null);
  const refOf = useSameRef();
  const agent = model.agents.find((each) => each.id === agentId);
  const chosen = agent?.workflows.includes(workflow) ? workflow : agent?.workflows[0];
  const write = (text: string) => {
    setInstructions(text);
    saveDraft(card.id, "hand_over", text);
  };
  /** A room of the card whose plans are reviewed: handing over goes on in the newest one. */
  const startReviewed = () => {
    const body = { title: card.title, card: card.id, workflow: "resolve", review_plan: true };
    return api.post("sessions/", body, refOf(body));
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const wish = chosen === OPTIMISE ? withWorkspace(workspace, instructions.trim()) : instructions.trim();
    try {
      if (review && chosen === "resolve") await startReviewed();
      await model.now("hand_over_card", { card: card.id, ...(agent && { agent: agent.id, workflow: chosen }), ...(wish && { instructions: wish }) });
      saveDraft(card.id, "hand_over", null);
      announce(`Handed #${card.number} to ${agent?.username ?? "the agents"}.`);
      onDone();
    } catch (cause) {
      setError(asCommandError(cause));
    }
    setBusy(false);
  };
  return { agent, chosen, instructions, review, workspace, busy, error, setAgentId, setWorkflow, setReview, setWorkspace, write, submit };
}

export function HandOver({ card, onDone }: { card: Card | FullCard; onDone(): void }) {
  const connected = useConnected();
  const form = useHandOver(card, onDone);
  const { agent, chosen, instructions, review, busy, error, setAgentId, setWorkflow, setReview, write, submit } = form;
  const unavailable = agent?.available === false;
  return (
    <form class="stack" onSubmit={submit}>
      <div class="section-head">
        <h3>Agents</h3>
        <span class="meta">{modelName()}</span>
      </div>
      {agent && chosen && <Choice agent={agent} workflow={chosen} onAgent={setAgentId} onWorkflow={setWorkflow} />}
      <textarea
        class="input"
        rows={2}
        aria-label="What should come out of it? Optional"
        placeholder="What should come out of it? (optional)"
        value={instructions}
        onInput={(event) => write(event.currentTarget.value)}
      />
      {chosen === OPTIMISE && <WorkspaceField chosen={form.workspace} onChoose={form.setWorkspace} />}
      {chosen === "resolve" && <ReviewField checked={review} disabled={busy} onChange={setReview} />}
      {error && <HandOverError error={error} text={instructions} />}
      <div class="row wrap">
        <button type="submit" class="button primary" data-field="hand_over" disabled={busy || !connected || unavailable}>
          <Icon name="agent" /> {busy ? "Handing over…" : "Hand to agents"}
        </button>
        <MeasureButton card={card} />
        {!connected && <span class="meta">Needs a connection</span>}
        {unavailable && <span class="meta">{agent.reason ?? "This agent isn't available."}</span>}
      </div>
      <ModelNotice folded />
    </form>
  );
}

interface ChoiceProps {
  agent: AgentInfo;
  workflow: string;
  onAgent(id: string): void;
  onWorkflow(name: string): void;
}

function Choice({ agent, workflow, onAgent, onWorkflow }: ChoiceProps) {
  const { model } = useBoard();
  return (
    <>
      <div class="row wrap">
        <select class="input grow" aria-label="Agent" value={agent.id} onChange={(event) => onAgent(event.currentTarget.value)}>
          {model.agents.map((each) => (
            <option key={each.id} value={each.id} disabled={!each.available}>
              {each.username}
              {!each.available && `: ${each.reason ?? "not available"}`}
            </option>
          ))}
        </select>
        <select class="input grow" aria-label="Workflow" value={workflow} onChange={(event) => onWorkflow(event.currentTarget.value)}>
          {agent.workflows.map((each) => (
            <option key={each} value={each}>
              {workflowName(each)}
            </option>
          ))}
        </select>
      </div>
      {workflowPurpose(workflow) && <p class="meta">{workflowPurpose(workflow)}</p>}
    </>
  );
}

export function HandOverError({ error, text }: { error: CommandError; text: string }) {
  const run = error.data["run"] as { session?: string } | undefined;
  const session = run?.session ?? (error.data["session"] as { id?: string } | string | undefined);
  const id = typeof session === "string" ? session : session?.id;
  return (
    <p class="field-error" role="alert">
      <Icon name="error" />
      {error.code === "busy" ? "An agent is already working on this card." : explain(error, { text })}
      {id && (
        <RoomLink session={id} run={null}>
          Open room
        </RoomLink>
      )}
    </p>
  );
}
