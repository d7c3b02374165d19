/** What a run's block shows, put together from the room's objects and notes. Pure. */
import { asidesOf, isInsideRun, isUnfinished } from "./blocks";
import { runNote, type Notes, type StepNote } from "./notes";
import { compare, type RoomState, sorted } from "./store";
import type { Message, Output, Run, Subtask, ToolCall } from "./types";

export type StepState = "waiting" | "working" | "done" | "failed" | "skipped" | "stopped";

export interface PlanStep {
  id: string;
  title: string;
  role: string;
  needs: string[];
  state: StepState;
  /** Steps with the same number may go side by side. */
  wave: number;
}

export interface StepView {
  id: string;
  title: string;
  role: string;
  subtask: string | null;
  state: StepState;
  calls: ToolCall[];
  /** The pieces of its reasoning, in order. */
  thoughts: string[];
  output: Output | null;
  started: number | null;
  ended: number | null;
  error: string | null;
}

const ROLES: Record<string, string> = {
  planner: "Planning",
  aggregator: "Writing the report",
  reporter: "Writing the report",
  refiner: "Refining the report",
  assistant: "Answering",
  clarifier: "Answering",
};

/** The code of what ended because people stopped the run, which is no failure. */
const STOPPED = "cancelled";

function noteState(note: StepNote, run: Run): StepState {
  if (note.ended === null) return isUnfinished(run) ? "working" : "stopped";
  if (note.error?.code === STOPPED) return "stopped";
  return note.success ? "done" : "failed";
}

export function isStopped(call: ToolCall): boolean {
  return call.status === "failed" && call.error?.code === STOPPED;
}

/** Subtasks as the plan's output or event gave them. */
export function subtasksOf(outputs: RoomState["outputs"], notes: Notes, run: string): Subtask[] {
  const told = runNote(notes, run).subtasks;
  if (told) return told;
  const plan = Object.values(outputs).find((output) => output.run === run && output.kind === "plan");
  const subtasks = plan?.data?.["subtasks"];
  return Array.isArray(subtasks) ? (subtasks as unknown as Subtask[]) : [];
}

function subtaskOf(output: Output): string | null {
  const value = output.data?.["subtask"] ?? output.data?.["id"];
  return typeof value === "string" ? value : null;
}

/** How far each step of the plan must wait: 0 for those that need nothing. */
export function wavesOf(subtasks: Subtask[]): Record<string, number> {
  const waves: Record<string, number> = {};
  for (const { id, needs } of subtasks) waves[id] = Math.max(-1, ...needs.map((need) => waves[need] ?? 0)) + 1;
  return waves;
}

const FINAL: Record<string, StepState> = { done: "done", completed: "done", failed: "failed", skipped: "skipped", cancelled: "stopped" };

function planState(subtask: Subtask, step: StepView | undefined, run: Run): StepState {
  if (step) return step.state;
  const told = FINAL[subtask.status];
  if (told) return told;
  return isUnfinished(run) ? "waiting" : "skipped";
}

export function planOf(run: Run, subtasks: Subtask[], steps: StepView[]): PlanStep[] {
  const waves = wavesOf(subtasks);
  return subtasks.map((subtask) => {
    const step = steps.findLast((each) => each.subtask === subtask.id);
    return { id: subtask.id, title: subtask.title, role: subtask.role, needs: subtask.needs, state: planState(subtask, step, run), wave: waves[subtask.id] ?? 0 };
  });
}

export interface Sources {
  outputs: RoomState["outputs"];
  calls: RoomState["calls"];
  thoughts: RoomState["thoughts"];
  notes: Notes;
}

interface Seen {
  id: string;
  at: number;
}

/** Ids of the run's steps in the order in which they began. */
function stepIds(run: string, { outputs, calls, thoughts, notes }: Sources): string[] {
  const seen: Seen[] = [
    ...Object.values(notes.steps).flatMap((note) => (note.run === run ? [{ id: note.id, at: note.started }] : [])),
    ...Object.values(calls).flatMap((call) => (call.run === run ? [{ id: call.step, at: Date.parse(call.started) }] : [])),
    ...thoughts.flatMap((thought) => (thought.run === run ? [{ id: thought.step, at: Date.parse(thought.created) }] : [])),
    ...Object.values(outputs).flatMap((output) => (output.run === run ? [{ id: output.step, at: Date.parse(output.created) }] : [])),
  ];
  return [...new Set(seen.sort((a, b) => a.at - b.at).map(({ id }) => id))];
}

/** The state of a step nobody noted: joined late, so its results have to tell. */
function guessState(calls: ToolCall[], output: Output | null, run: Run): StepState {
  if (output || !isUnfinished(run)) return "done";
  return calls.length === 0 || calls.some((call) => call.finished === null) || run.status !== "waiting" ? "working" : "done";
}

function titleOf(note: StepNote | undefined, output: Output | null, subtask: Subtask | undefined): string {
  if (subtask) return subtask.title;
  if (note?.role && ROLES[note.role]) return ROLES[note.role]!;
  if (output?.kind === "plan") return "Planning";
  if (output?.kind === "report" || output?.kind === "answer") return "Writing the report";
  return output?.title || note?.message || "Working";
}

export function stepsOf(run: Run, subtasks: Subtask[], sources: Sources): StepView[] {
  return stepIds(run.id, sources).map((id) => {
    const note = sources.notes.steps[id];
    const calls = Object.values(sources.calls)
      .filter((call) => call.step === id)
      .sort((a, b) => compare({ id: a.call, created: a.started }, { id: b.call, created: b.started }));
    const output = Object.values(sources.outputs).find((each) => each.step === id) ?? null;
    const subtask = note?.subtask ?? (output?.kind === "subtask" ? subtaskOf(output) : null);
    const thoughts = sources.thoughts.filter((thought) => thought.step === id);
    const began = note?.started ?? Date.parse(calls[0]?.started ?? thoughts[0]?.created ?? "");
    const done = note?.ended ?? (output ? Date.parse(output.created) : NaN);
    const state = note ? noteState(note, run) : guessState(calls, output, run);
    return {
      id,
      title: titleOf(note, output, subtasks.find((each) => each.id === subtask)),
      role: note?.role ?? "",
      subtask,
      state,
      calls,
      thoughts: thoughts.map((each) => each.thought),
      output,
      started: Number.isNaN(began) ? null : began,
      ended: Number.isNaN(done) ? null : done,
      error: state === "failed" ? (note?.error?.message ?? null) : null,
    };
  });
}

export interface ReportView {
  message: Message | null;
  output: Output | null;
}

const REPORTS = new Set(["report", "answer", "critique", "performance"]);

/** What the run said, in order: its messages, and results that came without one. */
export function reportsOf(run: Run, messages: RoomState["messages"], runs: RoomState["runs"], outputs: RoomState["outputs"]): ReportView[] {
  const results = sorted(outputs).filter((output) => output.run === run.id && REPORTS.has(output.kind));
  const said = sorted(messages).filter((message) => message.run === run.id && isInsideRun(message, runs));
  const withMessage: ReportView[] = said.map((message) => ({ message, output: results.find((output) => output.message === message.id) ?? null }));
  const alone = results.filter((output) => !said.some((message) => message.id === output.message));
  return [...withMessage, ...alone.map((output) => ({ message: null, output }))];
}

/** One thing in the order in which it was said: by the run, or about it. */
export interface Said {
  report: ReportView | null;
  aside: Message | null;
}

/** What was said by the run and, until its last word, about it. */
export function saidOf(run: Run, messages: RoomState["messages"], runs: RoomState["runs"], outputs: RoomState["outputs"]): Said[] {
  const reports = reportsOf(run, messages, runs, outputs).map((report) => ({ at: (report.message ?? report.output)!, said: { report, aside: null } }));
  const asides = (asidesOf(messages, runs)[run.id] ?? []).map((aside) => ({ at: aside, said: { report: null, aside } }));
  return [...reports, ...asides].sort((a, b) => compare(a.at, b.at)).map(({ said }) => said);
}

export interface Tally {
  done: number;
  total: number;
}

/** Steps for the one-line forms: the plan's, else the run's own count. */
export function tallyOf(run: Run, plan: PlanStep[]): Tally {
  if (plan.length === 0) return run.progress;
  return { done: plan.filter((step) => step.state === "done").length, total: plan.length };
}
