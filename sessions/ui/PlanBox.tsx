/** A plan that waits for its review: steps can be reworded, added and taken away before they are approved. */
import { useId } from "preact/hooks";
import { Icon } from "../../project/ui/icons";
import { useFormDraft } from "./answer_drafts";
import { Decide } from "./Decide";
import { PlainText } from "./PlainText";
import { addStep, editStep, isSamePlan, MOST_STEPS, problemsOf, readSteps, removeStep, type Step, stepsOf, toArguments, toggleNeed } from "./plan_edit";
import type { Request } from "./types";
import type { Answering } from "./use_answer";
import { hiddenMarks } from "./visible";

interface Props {
  request: Request;
  answering: Answering;
}

export function PlanBox({ request, answering }: Props) {
  const asked = stepsOf(request.parameters);
  const [steps, setSteps] = useFormDraft(request, "plan", asked, readSteps);
  const problems = problemsOf(steps);
  const errors: Record<string, string> = { ...answering.fields, ...problems };
  const edited = isSamePlan(asked, steps) ? null : toArguments(steps);
  return (
    <Decide request={request} answering={answering} edited={edited} invalid={Object.keys(problems).length > 0}>
      <ol class="plain plan-edit" aria-label="Steps of the plan">
        {steps.map((step, at) => (
          <StepFields
            key={step.id}
            step={step}
            earlier={steps.slice(0, at)}
            was={asked.find(({ id }) => id === step.id)}
            errors={[errors[`subtasks.${at}.title`], errors[`subtasks.${at}.role`], errors[`subtasks.${at}.needs`], errors[`subtasks.${at}.id`]]}
            disabled={answering.sending}
            onEdit={(change) => setSteps(editStep(steps, step.id, change))}
            onNeed={(need) => setSteps(toggleNeed(steps, step.id, need))}
            onRemove={() => setSteps(removeStep(steps, step.id))}
          />
        ))}
      </ol>
      {errors["subtasks"] && <p class="field-error">{errors["subtasks"]}</p>}
      <div class="row wrap">
        <button
          type="button"
          class="button small"
          disabled={answering.sending || steps.length >= MOST_STEPS}
          title={steps.length >= MOST_STEPS ? `A plan has ${MOST_STEPS} steps at most` : undefined}
          onClick={() => setSteps(addStep(steps))}
        >
          <Icon name="add" /> Add a step
        </button>
        {edited && (
          <button type="button" class="button small quiet" disabled={answering.sending} onClick={() => setSteps(asked)}>
            <Icon name="undo" /> As it was planned
          </button>
        )}
      </div>
    </Decide>
  );
}

interface StepProps {
  step: Step;
  earlier: Step[];
  was: Step | undefined;
  errors: (string | undefined)[];
  disabled: boolean;
  onEdit(change: Partial<Step>): void;
  onNeed(need: string): void;
  onRemove(): void;
}

function StepFields({ step, earlier, was, errors, disabled, onEdit, onNeed, onRemove }: StepProps) {
  const number = earlier.length + 1;
  const id = useId();
  const told = errors.filter(Boolean);
  const marks = hiddenMarks(`${step.title}${step.role}`);
  return (
    <li class="plan-edit-step" role="group" aria-label={`Step ${number}`}>
      <div class="row">
        <span class="num muted">{number}</span>
        <input class="input grow" aria-label={`Step ${number}`} aria-invalid={told.length > 0} value={step.title} disabled={disabled} onInput={(event) => onEdit({ title: event.currentTarget.value })} />
        <button type="button" class="icon-button" aria-label={`Remove step ${number}`} title="Remove this step" disabled={disabled} onClick={onRemove}>
          <Icon name="trash" />
        </button>
      </div>
      <div class="row wrap plan-edit-more">
        <label class="row">
          <span class="meta" id={`${id}-role`}>
            Role
          </span>
          <input class="input plan-edit-role" aria-labelledby={`${id}-role`} value={step.role} disabled={disabled} onInput={(event) => onEdit({ role: event.currentTarget.value })} />
        </label>
        {earlier.length > 0 && (
          <span class="row wrap" role="group" aria-label={`Step ${number} comes after`}>
            <span class="meta">After</span>
            {earlier.map((each, at) => (
              <label key={each.id} class="row plan-edit-need">
                <input type="checkbox" checked={step.needs.includes(each.id)} disabled={disabled} onChange={() => onNeed(each.id)} />
                <span class="num">{at + 1}</span>
              </label>
            ))}
          </span>
        )}
      </div>
      {was === undefined && <span class="meta">new</span>}
      {was && was.title !== step.title && (
        <span class="meta">
          was: <PlainText text={was.title} />
        </span>
      )}
      {marks.length > 0 && <span class="meta hidden-note">Contains characters that can't be seen: {marks.join(" ")}</span>}
      {told.map((words) => (
        <span key={words} class="field-error">
          {words}
        </span>
      ))}
    </li>
  );
}
