/** What the log tells beyond the snapshot's objects: steps, titles of tools, waits, who stopped a run. Pure. */
import type { StreamEvent } from "../../project/ui/wire";
import type { Request, Run, RunError, Subtask } from "./types";

export interface StepNote {
  id: string;
  run: string;
  agent: string;
  role: string;
  subtask: string | null;
  message: string;
  started: number;
  ended: number | null;
  success: boolean | null;
  error: RunError | null;
}

export interface CallNote {
  title: string;
  class: string;
  summary: string | null;
  duration_ms: number | null;
}

export interface Delay {
  reason: string;
  try: number;
  tries: number;
  /** Epoch milliseconds. */
  retryAt: number;
}

export interface RunNote {
  delay: Delay | null;
  resumed: { reason: string; at: number }[];
  stoppedBy: string | null;
  subtasks: Subtask[] | null;
}

export interface RequestNote {
  /** Other arguments were approved than were asked for. */
  changed: boolean;
  expired: string | null;
}

export interface Notes {
  steps: Record<string, StepNote>;
  calls: Record<string, CallNote>;
  runs: Record<string, RunNote>;
  requests: Record<string, RequestNote>;
  /** When each run last gave a sign, by the server's clock, in epoch milliseconds. */
  signs: Record<string, number>;
}

export const NO_NOTES: Notes = { steps: {}, calls: {}, runs: {}, requests: {}, signs: {} };
const NO_RUN_NOTE: RunNote = { delay: null, resumed: [], stoppedBy: null, subtasks: null };

type Data = Record<string, unknown>;
type Handler = (notes: Notes, data: Data, event: StreamEvent) => Notes;

const str = (value: unknown): string => (typeof value === "string" ? value : "");
const ms = (event: StreamEvent): number => Math.round(event.timestamp * 1000);

function moment(value: unknown): number {
  return typeof value === "number" ? value * 1000 : Date.parse(str(value));
}

export function runNote(notes: Notes, run: string): RunNote {
  return notes.runs[run] ?? NO_RUN_NOTE;
}

function patchRun(notes: Notes, run: string, patch: Partial<RunNote>): Notes {
  return { ...notes, runs: { ...notes.runs, [run]: { ...runNote(notes, run), ...patch } } };
}

/** A run that does something waits no longer. */
function awake(notes: Notes, run: string): Notes {
  return runNote(notes, run).delay ? patchRun(notes, run, { delay: null }) : notes;
}

function stepStarted(notes: Notes, data: Data, event: StreamEvent): Notes {
  const id = str(data["step"]);
  const step: StepNote = {
    id,
    run: str(data["run"]),
    agent: str(data["agent"]),
    role: str(data["role"]),
    subtask: str(data["subtask"]) || null,
    message: str(data["message"]),
    started: notes.steps[id]?.started ?? ms(event),
    ended: null,
    success: null,
    error: null,
  };
  return { ...awake(notes, step.run), steps: { ...notes.steps, [id]: step } };
}

function stepCompleted(notes: Notes, data: Data, event: StreamEvent): Notes {
  const id = str(data["step"]);
  const known = notes.steps[id] ?? stepStarted(notes, data, event).steps[id]!;
  const error = (data["error"] ?? null) as RunError | null;
  const step: StepNote = { ...known, ended: ms(event), success: data["success"] !== false, error };
  return { ...awake(notes, step.run), steps: { ...notes.steps, [id]: step } };
}

function toolExecuting(notes: Notes, data: Data): Notes {
  const call: CallNote = { title: str(data["title"]), class: str(data["class"]), summary: null, duration_ms: null };
  return { ...awake(notes, str(data["run"])), calls: { ...notes.calls, [str(data["call"])]: call } };
}

function toolCompleted(notes: Notes, data: Data): Notes {
  const id = str(data["call"]);
  const known = notes.calls[id] ?? { title: str(data["title"]), class: "", summary: null, duration_ms: null };
  const duration = data["duration_ms"];
  const call: CallNote = { ...known, summary: str(data["summary"]) || null, duration_ms: typeof duration === "number" ? duration : null };
  return { ...notes, calls: { ...notes.calls, [id]: call } };
}

function runOf(data: Data): Run {
  return data["run"] as Run;
}

function ended(notes: Notes, data: Data): Notes {
  return awake(notes, runOf(data).id);
}

function stopped(notes: Notes, data: Data, event: StreamEvent): Notes {
  const { id } = runOf(data);
  const known = runNote(notes, id).stoppedBy;
  return patchRun(notes, id, { delay: null, stoppedBy: known ?? (event.actor?.kind === "human" ? event.actor.username : null) });
}

function resumed(notes: Notes, data: Data, event: StreamEvent): Notes {
  const { id } = runOf(data);
  const list = runNote(notes, id).resumed;
  return patchRun(notes, id, { delay: null, resumed: [...list, { reason: str(data["reason"]), at: ms(event) }] });
}

function delayed(notes: Notes, data: Data): Notes {
  const delay = { reason: str(data["reason"]), try: Number(data["try"]), tries: Number(data["tries"]), retryAt: moment(data["retry_at"]) };
  return patchRun(notes, str(data["run"]), { delay });
}

function requestNote(notes: Notes, id: string, patch: Partial<RequestNote>): Notes {
  const known = notes.requests[id] ?? { changed: false, expired: null };
  return { ...notes, requests: { ...notes.requests, [id]: { ...known, ...patch } } };
}

const HANDLERS: Record<string, Handler> = {
  agent_started: stepStarted,
  agent_completed: stepCompleted,
  agent_thinking: (notes, data) => awake(notes, str(data["run"])),
  tool_executing: toolExecuting,
  tool_completed: toolCompleted,
  plan_made: (notes, data) => patchRun(notes, str(data["run"]), { subtasks: data["subtasks"] as Subtask[] }),
  run_delayed: delayed,
  run_resumed: resumed,
  run_cancelling: stopped,
  run_cancelled: stopped,
  run_completed: ended,
  run_failed: ended,
  request_answered: (notes, data) => requestNote(notes, (data["request"] as Request).id, { changed: data["with_changes"] === true }),
  request_expired: (notes, data) => requestNote(notes, (data["request"] as Request).id, { expired: str(data["reason"]) || "expired" }),
};

/** The run an event is about, whether its data names it or carries it; null for what belongs to none. */
export function runIdOf(event: StreamEvent): string | null {
  const { run, message, output, request } = event.data as Record<string, { id?: string; run?: string | null } | string | undefined>;
  if (typeof run === "string") return run;
  if (run) return run.id ?? null;
  for (const carrier of [output, request, message]) {
    if (carrier && typeof carrier === "object" && carrier.run) return carrier.run;
  }
  return null;
}

/** `notes` after `event`; `run` is the run it is about where the event itself can't tell (text of a message). */
export function note(notes: Notes, event: StreamEvent, run: string | null = runIdOf(event)): Notes {
  const handler = HANDLERS[event.type];
  const next = handler ? handler(notes, event.data, event) : notes;
  return run ? { ...next, signs: { ...next.signs, [run]: ms(event) } } : next;
}

/** Notes from history put under those made live, which are newer. */
export function merge(older: Notes, newer: Notes): Notes {
  return {
    steps: mergeEach(older.steps, newer.steps, mergeStep),
    calls: mergeEach(older.calls, newer.calls, mergeCall),
    runs: mergeRuns(older.runs, newer.runs),
    requests: { ...older.requests, ...newer.requests },
    signs: { ...older.signs, ...newer.signs },
  };
}

function mergeEach<T>(older: Record<string, T>, newer: Record<string, T>, join: (early: T, late: T) => T): Record<string, T> {
  const merged = { ...older };
  for (const [id, late] of Object.entries(newer)) merged[id] = older[id] ? join(older[id], late) : late;
  return merged;
}

/** A step whose end came live but whose beginning is history. */
function mergeStep(early: StepNote, late: StepNote): StepNote {
  return {
    ...late,
    role: late.role || early.role,
    subtask: late.subtask ?? early.subtask,
    message: late.message || early.message,
    started: Math.min(early.started, late.started),
  };
}

function mergeCall(early: CallNote, late: CallNote): CallNote {
  return { ...late, title: late.title || early.title, class: late.class || early.class };
}

function mergeRuns(older: Notes["runs"], newer: Notes["runs"]): Notes["runs"] {
  const merged = { ...older };
  for (const [id, late] of Object.entries(newer)) {
    const early = older[id] ?? NO_RUN_NOTE;
    merged[id] = {
      delay: late.delay,
      resumed: [...early.resumed, ...late.resumed.filter(({ at }) => !early.resumed.some((each) => each.at === at))],
      stoppedBy: late.stoppedBy ?? early.stoppedBy,
      subtasks: late.subtasks ?? early.subtasks,
    };
  }
  return merged;
}
