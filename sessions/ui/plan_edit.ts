/** A plan being reviewed: steps edited, added and taken away, so that each needs only earlier ones. Pure. */
import { length } from "../../project/ui/text";
import type { Json, JsonObject, Subtask } from "./types";

export const MOST_STEPS = 20;
const TITLE_CHARS = 300;
const ROLE_CHARS = 60;

export type Step = Pick<Subtask, "id" | "title" | "role" | "needs">;

/** The steps of a review's parameters. */
export function stepsOf(parameters: JsonObject | null): Step[] {
  const subtasks = parameters?.["subtasks"];
  if (!Array.isArray(subtasks)) return [];
  return (subtasks as unknown as Step[]).map(({ id, title, role, needs }) => ({ id, title, role, needs }));
}

/** Steps that were kept; null for what are none. */
export function readSteps(kept: Json): Step[] | null {
  return Array.isArray(kept) && kept.every(isStep) ? (kept as unknown as Step[]) : null;
}

function isStep(each: Json): boolean {
  if (each === null || typeof each !== "object" || Array.isArray(each)) return false;
  const { id, title, role, needs } = each;
  return [id, title, role].every((text) => typeof text === "string") && Array.isArray(needs) && needs.every((need) => typeof need === "string");
}

/** What to send for the plan as it was edited. */
export function toArguments(steps: Step[]): JsonObject {
  return { subtasks: steps.map((step) => ({ ...step, title: step.title.trim(), role: step.role.trim() })) };
}

export function isSamePlan(a: Step[], b: Step[]): boolean {
  return JSON.stringify(toArguments(a)) === JSON.stringify(toArguments(b));
}

export function editStep(steps: Step[], id: string, change: Partial<Step>): Step[] {
  return steps.map((step) => (step.id === id ? { ...step, ...change } : step));
}

/** Without the step, and without anybody's need of it. */
export function removeStep(steps: Step[], id: string): Step[] {
  return steps.filter((step) => step.id !== id).map((step) => ({ ...step, needs: step.needs.filter((need) => need !== id) }));
}

/** With one more step, which needs the last of those before it. */
export function addStep(steps: Step[]): Step[] {
  const last = steps.at(-1);
  return [...steps, { id: freeId(steps), title: "", role: last?.role ?? "executor", needs: last ? [last.id] : [] }];
}

function freeId(steps: Step[]): string {
  const taken = new Set(steps.map(({ id }) => id));
  let number = steps.length + 1;
  while (taken.has(`s${number}`)) number += 1;
  return `s${number}`;
}

export function toggleNeed(steps: Step[], id: string, need: string): Step[] {
  const order = steps.map((step) => step.id);
  return steps.map((step) => {
    if (step.id !== id) return step;
    const needs = step.needs.includes(need) ? step.needs.filter((each) => each !== need) : [...step.needs, need];
    return { ...step, needs: needs.sort((a, b) => order.indexOf(a) - order.indexOf(b)) };
  });
}

/** What is wrong with the steps, by the path the server would name. */
export function problemsOf(steps: Step[]): Record<string, string> {
  const problems: Record<string, string> = steps.length === 0 ? { subtasks: "A plan needs a step. Deny it to do nothing." } : {};
  steps.forEach((step, at) => {
    const words = titleProblem(step.title);
    if (words) problems[`subtasks.${at}.title`] = words;
    if (step.role.trim() === "" || length(step.role.trim()) > ROLE_CHARS) problems[`subtasks.${at}.role`] = `A role has 1 to ${ROLE_CHARS} characters.`;
  });
  return problems;
}

function titleProblem(title: string): string | null {
  const count = length(title.trim());
  if (count === 0) return "Say what is to be done.";
  return count > TITLE_CHARS ? `That's too long: ${count.toLocaleString("en")} of ${TITLE_CHARS} characters.` : null;
}
