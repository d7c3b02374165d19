/** One tool call: a line with what it is about and what came of it, open to its parameters and result. */
import { Icon } from "../../project/ui/icons";
import { classes } from "../../project/ui/text";
import { RunningClock } from "./Clock";
import { copyText } from "../../project/ui/clipboard";
import { useRoom, useRoomState } from "./context";
import { CopyButton } from "../../project/ui/CopyButton";
import { Fold } from "./Fold";
import { KeyValues } from "./KeyValues";
import type { CallNote } from "./notes";
import { PlainText } from "./PlainText";
import { duration } from "./run_words";
import { isStopped } from "./run_view";
import { callDuration, callText, mainArgument, outcomeOf, parametersOf, resultOf, sizeWords, toolTitle } from "./tool_words";
import type { ToolCall } from "./types";
import { useAction } from "../../project/ui/use_action";

const ICONS = { executing: "right", waiting: "wait", completed: "check", failed: "close", denied: "stop" } as const;
const WORDS = { executing: "running", waiting: "waiting", completed: "done", failed: "failed", denied: "denied" } as const;

export function ToolCallRow({ call }: { call: ToolCall }) {
  const note = useRoomState((state) => state.notes.calls[call.call]);
  const stopped = isStopped(call);
  const failure = call.status === "failed" && !stopped ? outcomeOf(call, note) : null;
  return (
    <li class={classes("tool-call", stopped ? "stopped" : call.status)}>
      <Fold id={`call:${call.call}`} head={<Line call={call} note={note} />}>
        {() => <Details call={call} />}
      </Fold>
      {failure && (
        <p class="tool-failure">
          <PlainText text={failure} />
        </p>
      )}
    </li>
  );
}

function Line({ call, note }: { call: ToolCall; note: CallNote | undefined }) {
  const stopped = isStopped(call);
  const outcome = call.status === "failed" && !stopped ? "" : outcomeOf(call, note);
  const took = callDuration(call, note);
  const argument = mainArgument(call.parameters);
  return (
    <span class="fold-line tool-line">
      <Icon name={stopped ? "stop" : ICONS[call.status]} class="tool-mark" />
      <span class="visually-hidden">{stopped ? "stopped" : WORDS[call.status]}: </span>
      <span class="tool-title clip">{toolTitle(call, note)}</span>
      {argument && (
        <span class="tool-argument clip">
          <PlainText text={argument} />
        </span>
      )}
      {outcome && (
        <span class="tool-outcome clip">
          <PlainText text={outcome} />
        </span>
      )}
      {call.status === "executing" ? <RunningClock since={Date.parse(call.started)} /> : took !== null && <span class="num clock">{duration(took)}</span>}
    </span>
  );
}

function Details({ call }: { call: ToolCall }) {
  const { model } = useRoom();
  const whole = useAction(() => model.loadCall(call.call), { noun: "tool call" });
  const rows = resultOf(call.result);
  return (
    <div class="tool-details stack">
      <h4>
        Parameters <span class="mono muted">{call.tool_name}</span>
      </h4>
      <KeyValues rows={parametersOf(call.parameters)} empty="None" />
      {call.finished && (
        <>
          <h4>Result {call.result !== null && <span class="meta">{call.truncated ? `first ${sizeWords(call.result)}` : sizeWords(call.result)}</span>}</h4>
          <KeyValues rows={rows} empty="Nothing was returned" />
        </>
      )}
      <div class="row wrap">
        <CopyButton copy={() => copyText(callText(call))} />
        {call.truncated && (
          <button type="button" class="button small" disabled={whole.busy} onClick={whole.run}>
            {whole.busy ? "Loading…" : "Show all"}
          </button>
        )}
      </div>
      {whole.error && <p class="field-error">{whole.error}</p>}
    </div>
  );
}
