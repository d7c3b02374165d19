/** The agents' part of a card: hand it over, see how far they are, open the room, stop. */
import { useState } from "preact/hooks";
import { api } from "../../../project/ui/api";
import { Icon } from "../../../project/ui/icons";
import { useSelected } from "../../../project/ui/observable";
import { classes } from "../../../project/ui/text";
import { useTicks } from "../../../project/ui/time";
import { useAction } from "../../../project/ui/use_action";
import { useBoard, useConnected } from "../context";
import { ProgressBar } from "../ProgressBar";
import { RoomLink } from "../RoomLink";
import { agentName, isActive, runWords } from "../runs";
import type { Card, CardRun, FullCard } from "../types";
import { HandOver } from "./HandOver";
import { MeasureButton } from "./MeasureButton";
import { ReportPreview } from "./ReportPreview";

interface Props {
  card: Card | FullCard;
  readOnly: boolean;
}

export function AgentBox({ card, readOnly }: Props) {
  const [again, setAgain] = useState(false);
  const { run } = card;
  if (run && isActive(run)) return <ActiveRun card={card.id} run={run} readOnly={readOnly} />;
  if (run && !again) return <EndedRun card={card} run={run} onAgain={readOnly ? null : () => setAgain(true)} />;
  if (readOnly) return null;
  return (
    <section class="agent-box" aria-label="Agents">
      <HandOver card={card} onDone={() => setAgain(false)} />
    </section>
  );
}

function ActiveRun({ card, run, readOnly }: { card: string; run: CardRun; readOnly: boolean }) {
  const { model } = useBoard();
  useTicks(1);
  const line = useSelected(model.activity, (activity) => activity.byCard[card]);
  const words = runWords(run, Date.now());
  return (
    <section class="agent-box active" aria-label="Agents">
      <div class={classes("row agent-status", words?.tone)}>
        <Icon name={words?.icon ?? "agent"} />
        <strong class="grow num">{words?.text}</strong>
      </div>
      {words?.done != null && <ProgressBar value={words.done} />}
      {line?.run === run.id && (
        <p class="meta clip" title={line.text}>
          {line.text}
        </p>
      )}
      <div class="row">
        <RoomLink session={run.session} run={run} class="button small primary">
          {run.status === "waiting" ? "Answer in the room" : "Open room"}
        </RoomLink>
        {!readOnly && <StopButton run={run} />}
      </div>
    </section>
  );
}

function StopButton({ run }: { run: CardRun }) {
  const connected = useConnected();
  // The run stays as it was until the log tells of its stop.
  const [asked, setAsked] = useState(false);
  const stop = useAction(() => api.post(`runs/${run.id}/cancel/`).then(() => setAsked(true)));
  const stopping = stop.busy || asked || run.status === "cancelling";
  return (
    <>
      <button type="button" class="button small" disabled={stopping || !connected} title={connected ? "" : "Needs a connection"} onClick={stop.run}>
        <Icon name="stop" /> {stopping ? "Stopping…" : "Stop"}
      </button>
      {stop.error && <span class="field-error">{stop.error}</span>}
    </>
  );
}

const ENDED: Record<string, string> = { completed: "Report ready", failed: "The last run failed", cancelled: "The last run was stopped" };

interface EndedProps {
  card: Card | FullCard;
  run: CardRun;
  onAgain: (() => void) | null;
}

function EndedRun({ card, run, onAgain }: EndedProps) {
  const tone = { completed: "ok", failed: "danger" }[run.status as string];
  return (
    <section class="agent-box" aria-label="Agents">
      <div class={classes("row agent-status", tone)}>
        <Icon name={run.status === "completed" ? "check" : run.status === "failed" ? "error" : "stop"} />
        <strong class="grow">{ENDED[run.status] ?? run.status}</strong>
        <span class="meta">{agentName(run)}</span>
      </div>
      {run.status === "completed" && <ReportPreview run={run.id} />}
      <div class="row wrap">
        <RoomLink session={run.session} run={run} class="button small">
          Open room
        </RoomLink>
        {onAgain && (
          <>
            <button type="button" class="button small" data-field="hand_over" onClick={onAgain}>
              Hand over again
            </button>
            <MeasureButton card={card} small />
          </>
        )}
      </div>
    </section>
  );
}
