/** The room as the log tells it: a snapshot, and `apply` with one small function per event type. Pure. */
import type { StreamEvent } from "../../project/ui/wire";
import { placeText } from "./content";
import { merge, NO_NOTES, note, type Notes, runIdOf } from "./notes";
import type { JsonObject, Message, Output, Progress, Request, Run, Session, SnapshotState, Thought, ToolCall, Usage } from "./types";

export interface RoomState {
  session: Session;
  messages: Record<string, Message>;
  runs: Record<string, Run>;
  outputs: Record<string, Output>;
  calls: Record<string, ToolCall>;
  thoughts: Thought[];
  requests: Record<string, Request>;
  hasOlder: boolean;
  notes: Notes;
}

type Handler<D> = (state: RoomState, data: D, event: StreamEvent) => RoomState;

function index<T>(rows: T[], key: (row: T) => string): Record<string, T> {
  return Object.fromEntries(rows.map((row) => [key(row), row]));
}

const idOf = (row: { id: string }) => row.id;

/** The state of a snapshot. Notes and older messages that an earlier state had are kept. */
export function fromSnapshot(snapshot: SnapshotState, hasOlder = false, before?: RoomState): RoomState {
  const older = before ? olderThan(before, snapshot.messages) : {};
  return {
    session: snapshot.session,
    messages: { ...older, ...index(snapshot.messages, idOf) },
    runs: index(snapshot.runs, idOf),
    outputs: index(snapshot.outputs, idOf),
    calls: index(snapshot.tool_calls, (call) => call.call),
    thoughts: snapshot.thoughts,
    requests: index(snapshot.requests, idOf),
    hasOlder: before && Object.keys(older).length ? before.hasOlder : hasOlder,
    notes: before?.notes ?? NO_NOTES,
  };
}

function olderThan(before: RoomState, messages: Message[]): Record<string, Message> {
  const first = messages[0];
  return first ? index(sorted(before.messages).filter((message) => compare(message, first) < 0), idOf) : {};
}

interface Dated {
  id: string;
  created: string;
}

/** A time of the server without its "Z", so that times with more or fewer digits compare as text. */
const stem = (created: string) => created.replace(/Z$/, "");

export function compare(a: Dated, b: Dated): number {
  const [x, y] = [stem(a.created), stem(b.created)];
  if (x === y) return a.id.localeCompare(b.id);
  return x < y ? -1 : 1;
}

export function sorted<T extends Dated>(rows: Record<string, T>): T[] {
  return Object.values(rows).sort(compare);
}

/** An event's time as REST writes times. */
const iso = (event: StreamEvent): string => new Date(Math.round(event.timestamp * 1000)).toISOString().replace("Z", "000Z");

function putMessage(state: RoomState, { message }: { message: Message }): RoomState {
  return { ...state, messages: { ...state.messages, [message.id]: message } };
}

function putRun(state: RoomState, { run }: { run: Run }): RoomState {
  return { ...state, runs: { ...state.runs, [run.id]: run } };
}

function patchRun(state: RoomState, id: string, patch: Partial<Run>): RoomState {
  const run = state.runs[id];
  return run ? putRun(state, { run: { ...run, ...patch } }) : state;
}

function putSession(state: RoomState, { session }: { session: Session }): RoomState {
  return { ...state, session };
}

function putRequest(state: RoomState, { request }: { request: Request }): RoomState {
  return { ...state, requests: { ...state.requests, [request.id]: request } };
}

interface Delta {
  message: string;
  offset: number;
  text: string;
}

function appendText(state: RoomState, { message: id, offset, text }: Delta): RoomState {
  const message = state.messages[id];
  if (!message || message.complete) return state;
  return putMessage(state, { message: { ...message, content: placeText(message.content, offset, text) } });
}

interface OfStep {
  run: string;
  agent: string;
  step: string;
}

/** A plan tells how many steps its run has. */
function planMade(state: RoomState, data: OfStep & { progress?: Progress }): RoomState {
  return data.progress ? patchRun(state, data.run, { progress: data.progress }) : state;
}

function plus(a: Usage, b: Usage): Usage {
  return {
    requests: a.requests + b.requests,
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cost_usd: a.cost_usd === null || b.cost_usd === null ? null : a.cost_usd + b.cost_usd,
    tool_calls: a.tool_calls + b.tool_calls,
  };
}

/** A finished step tells how far its run is, and what the step has used. */
function stepEnded(state: RoomState, data: OfStep & { progress?: Progress; usage?: Usage }): RoomState {
  const run = state.runs[data.run];
  if (!run) return state;
  return patchRun(state, run.id, { progress: data.progress ?? run.progress, usage: data.usage ? plus(run.usage, data.usage) : run.usage });
}

/** What the clarifier asked a model is paid for by the run it speaks of. */
function clarified(state: RoomState, data: { about?: string; usage?: Usage }): RoomState {
  const run = state.runs[data.about ?? ""];
  return run && data.usage ? patchRun(state, run.id, { usage: plus(run.usage, data.usage) }) : state;
}

function addThought(state: RoomState, { run, step, agent, thought }: OfStep & { thought: string }, event: StreamEvent): RoomState {
  return { ...state, thoughts: [...state.thoughts, { id: event.id, run, step, agent, thought, created: iso(event) }] };
}

interface Executing extends OfStep {
  call: string;
  tool_name: string;
  parameters: JsonObject;
}

function startCall(state: RoomState, { call, run, step, agent, tool_name, parameters }: Executing, event: StreamEvent): RoomState {
  const open = { status: "executing", result: null, success: null, error: null, truncated: false, finished: null } as const;
  return { ...state, calls: { ...state.calls, [call]: { call, run, step, agent, tool_name, parameters, ...open, started: iso(event) } } };
}

type Completed = Executing & Pick<ToolCall, "result" | "success" | "error" | "truncated"> & { status?: ToolCall["status"] };

function endCall(state: RoomState, data: Completed, event: StreamEvent): RoomState {
  const known = state.calls[data.call] ?? startCall(state, { ...data, parameters: {} }, event).calls[data.call]!;
  const { result, success, error = null, truncated = false } = data;
  const status = data.status ?? (success ? "completed" : "failed");
  const call: ToolCall = { ...known, result, success, error, truncated, status, finished: iso(event) };
  return { ...state, calls: { ...state.calls, [call.call]: call } };
}

function putOutput(state: RoomState, { output }: { output: Output }): RoomState {
  return { ...state, outputs: { ...state.outputs, [output.id]: output } };
}

const unchanged = (state: RoomState): RoomState => state;
const ofSession = putSession as Handler<never>;
const ofMessage = putMessage as Handler<never>;
const ofRun = putRun as Handler<never>;
const ofRequest = putRequest as Handler<never>;

const HANDLERS: Record<string, Handler<never>> = {
  session_started: ofSession,
  session_edited: ofSession,
  session_stopped: ofSession,
  message_added: ofMessage,
  message_delta: appendText as Handler<never>,
  message_completed: ofMessage,
  run_queued: ofRun,
  run_started: ofRun,
  run_waiting: ofRun,
  run_resumed: ofRun,
  run_cancelling: ofRun,
  run_completed: ofRun,
  run_failed: ofRun,
  run_cancelled: ofRun,
  run_delayed: unchanged,
  plan_made: planMade as Handler<never>,
  agent_started: unchanged,
  agent_thinking: addThought as Handler<never>,
  tool_executing: startCall as Handler<never>,
  tool_completed: endCall as Handler<never>,
  agent_completed: stepEnded as Handler<never>,
  output_added: putOutput as Handler<never>,
  request_opened: ofRequest,
  request_answered: ofRequest,
  request_expired: ofRequest,
  clarifier_replied: clarified as Handler<never>,
};

export const EVENT_TYPES = Object.keys(HANDLERS);

function runOfEvent(state: RoomState, event: StreamEvent): string | null {
  if (event.type !== "message_delta") return runIdOf(event);
  return state.messages[String(event.data["message"])]?.run ?? null;
}

/** The state after `event`. A type this page doesn't know is logged and changes nothing. */
export function apply(state: RoomState, event: StreamEvent): RoomState {
  const handler = HANDLERS[event.type];
  if (!handler) {
    console.warn(`Unknown session event "${event.type}".`, event);
    return state;
  }
  const next = handler(state, event.data as never, event);
  return { ...next, notes: note(next.notes, event, runOfEvent(next, event)) };
}

/** Take in older messages fetched over REST. */
export function putOlder(state: RoomState, messages: Message[], hasOlder: boolean): RoomState {
  return { ...state, messages: { ...index(messages, idOf), ...state.messages }, hasOlder };
}

/** Take in a tool call fetched whole. */
export function putCall(state: RoomState, call: ToolCall): RoomState {
  return { ...state, calls: { ...state.calls, [call.call]: call } };
}

/** Take in an output fetched whole. */
export function putWholeOutput(state: RoomState, output: Output): RoomState {
  return putOutput(state, { output });
}

/** What earlier events told, under what later ones have told meanwhile. */
export function putHistory(state: RoomState, events: StreamEvent[]): RoomState {
  const older = events.reduce((notes, event) => note(notes, event), NO_NOTES);
  return { ...state, notes: merge(older, state.notes) };
}

const THOUGHTS_SENT = 200;

/** The state as the snapshot endpoint would give it. */
export function toSnapshot(state: RoomState): SnapshotState {
  const calls = Object.values(state.calls).map((call) => ({ ...call, id: call.call, created: call.started }));
  return {
    session: state.session,
    messages: sorted(state.messages),
    runs: Object.values(state.runs).sort((a, b) => a.number - b.number),
    outputs: sorted(state.outputs),
    tool_calls: calls.sort(compare).map(({ id: _, created: __, ...call }) => call),
    thoughts: state.thoughts.slice(-THOUGHTS_SENT),
    requests: sorted(state.requests),
  };
}
