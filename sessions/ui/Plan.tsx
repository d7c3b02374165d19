/** The plan: numbered steps with role, needs and state; steps that go side by side share a bracket. */
import { classes, plural } from "../../project/ui/text";
import { PlainText } from "./PlainText";
import { humanise } from "./tool_words";
import type { PlanStep } from "./run_view";
import { StepMark } from "./Steps";

/** Steps in groups that may run side by side, in the plan's order. */
export function bracketsOf(plan: PlanStep[]): PlanStep[][] {
  const groups: PlanStep[][] = [];
  for (const step of plan) {
    const last = groups.at(-1);
    if (last && last[0]!.wave === step.wave) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

export function Plan({ plan, small }: { plan: PlanStep[]; small?: boolean }) {
  const numbers = Object.fromEntries(plan.map((step, at) => [step.id, at + 1]));
  return (
    <ol class={classes("plain plan", small && "small")} aria-label={`Plan, ${plural(plan.length, "step")}`}>
      {bracketsOf(plan).map((group) => (
        <li key={group[0]!.id} class={classes("plan-group", group.length > 1 && "parallel")}>
          {group.length > 1 && <span class="visually-hidden">Side by side:</span>}
          <ol class="plain">
            {group.map((step) => (
              <PlanLine key={step.id} step={step} number={numbers[step.id]!} numbers={numbers} small={small} />
            ))}
          </ol>
        </li>
      ))}
    </ol>
  );
}

interface LineProps {
  step: PlanStep;
  number: number;
  numbers: Record<string, number>;
  small?: boolean | undefined;
}

function PlanLine({ step, number, numbers, small }: LineProps) {
  const needs = step.needs.flatMap((need) => (numbers[need] ? [numbers[need]] : []));
  return (
    <li class={classes("plan-step", step.state)}>
      <span class="num plan-number">{number}</span>
      <span class="plan-title" title={step.title}>
        <PlainText text={step.title} />
        {!small && (
          <span class="meta plan-facts">
            {humanise(step.role)}
            {needs.length > 0 && ` · after ${needs.join(", ")}`}
          </span>
        )}
      </span>
      <StepMark state={step.state} />
    </li>
  );
}
