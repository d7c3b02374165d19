/** The work of a run: steps under way are open, finished ones are a line each. */
import { Icon, type IconName } from "../../project/ui/icons";
import { Markdown } from "../../project/ui/Markdown";
import { classes, plural } from "../../project/ui/text";
import { RunningClock } from "./Clock";
import { Fold, useLinger } from "./Fold";
import { PlainText } from "./PlainText";
import { duration } from "./run_words";
import type { StepState, StepView } from "./run_view";
import { ToolCallRow } from "./ToolCallRow";

const ICONS: Record<StepState, IconName> = { waiting: "clock", working: "agent", done: "check", failed: "error", skipped: "right", stopped: "stop" };
export const STEP_WORDS: Record<StepState, string> = {
  waiting: "waiting",
  working: "working",
  done: "done",
  failed: "failed",
  skipped: "skipped",
  stopped: "stopped",
};

export function StepMark({ state }: { state: StepState }) {
  return (
    <span class={classes("step-mark", state)}>
      <Icon name={ICONS[state]} />
      <span class="step-word">{STEP_WORDS[state]}</span>
    </span>
  );
}

/** Steps that did or do something worth a line. */
export function Steps({ steps }: { steps: StepView[] }) {
  if (steps.length === 0) return null;
  return (
    <ol class="plain steps" aria-label="Work">
      {steps.map((step) => (
        <StepItem key={step.id} step={step} />
      ))}
    </ol>
  );
}

function took(step: StepView): string | null {
  if (step.started === null || step.ended === null) return null;
  return duration(step.ended - step.started);
}

function StepItem({ step }: { step: StepView }) {
  const isOpen = useLinger(step.state === "working");
  const since = step.state === "working" ? step.started : null;
  const facts = [step.calls.length ? plural(step.calls.length, "tool") : null, took(step)].filter(Boolean).join(" · ");
  const head = (
    <span class="fold-line step-line">
      <StepMark state={step.state} />
      <span class="step-title clip">
        <PlainText text={step.title} />
      </span>
      <span class="meta num step-facts">
        {facts}
        {facts && since !== null && " · "}
        {since !== null && <RunningClock since={since} />}
      </span>
    </span>
  );
  return (
    <li class={classes("step", step.state)}>
      <Fold id={`step:${step.id}`} byRule={isOpen} head={head}>
        {() => <StepBody step={step} />}
      </Fold>
      {step.error && (
        <p class="tool-failure">
          <PlainText text={step.error} />
        </p>
      )}
    </li>
  );
}

function StepBody({ step }: { step: StepView }) {
  const { output } = step;
  return (
    <div class="step-body">
      <Thought step={step} />
      {step.calls.length > 0 && (
        <ul class="plain tool-calls">
          {step.calls.map((call) => (
            <ToolCallRow key={call.call} call={call} />
          ))}
        </ul>
      )}
      {output?.kind === "subtask" && (
        <Fold id={`output:${output.id}`} head={<span class="muted">Result</span>}>
          {() => <Markdown html={output.html} text={output.content} class="subtask-result" />}
        </Fold>
      )}
    </div>
  );
}

/** One muted line while it thinks; folded to "Thought for 4 s" afterwards. */
function Thought({ step }: { step: StepView }) {
  const newest = step.thoughts.at(-1);
  if (newest === undefined) return null;
  if (step.state === "working") {
    return (
      <p class="thought clip" title={newest.trim()}>
        <PlainText text={newest.trim()} />
      </p>
    );
  }
  const time = took(step);
  return (
    <Fold id={`thought:${step.id}`} class="thought" head={<span class="muted">{time ? `Thought for ${time}` : "Thoughts"}</span>}>
      {() => (
        <p class="thought-text">
          <PlainText text={step.thoughts.join("")} />
        </p>
      )}
    </Fold>
  );
}
