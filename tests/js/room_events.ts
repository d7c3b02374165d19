/** Objects and events of a session, as small as the tests need them. */
import type { StreamEvent } from "../../project/ui/wire";
import type { Message, Output, Request, Run, Session, SnapshotState, ToolCall } from "../../sessions/ui/types";

export const ALICE = { id: "u1", username: "alice", kind: "human" as const };
export const BOB = { id: "u2", username: "bob", kind: "human" as const };
export const ROBO = { id: "u9", username: "robo", kind: "agent" as const };

const AT = "2026-11-21T12:00:00Z";

export function session(more: Partial<Session> = {}): Session {
  const base = { id: "s1", title: "Landing page", board: "b1", card: "c1", owner: ALICE, workflow: "resolve", instructions: "", review_plan: false };
  return { ...base, status: "active", phase: "idle", tools: [], created: AT, updated: AT, ...more };
}

export function message(id: string, more: Partial<Message> = {}): Message {
  const base = { id, session: "s1", role: "user" as const, author: ALICE, agent: null, via: "user" as const, refines: null, handled_by: "run" as const };
  return { ...base, content: "Hello", html: "<p>Hello</p>", complete: true, interrupted: false, run: null, created: AT, ...more };
}

export function run(id: string, more: Partial<Run> = {}): Run {
  const usage = { requests: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0, tool_calls: 0 };
  const budget = { tokens: 200_000, cost_usd: null, steps: 50, seconds: 1800 };
  const base = { id, session: "s1", number: 1, agent: "robo", started_by: ALICE, position: null, parent: null, relation: null, workflow: "resolve" };
  const work = { status: "running" as const, attempt: 1, attempts: [], model: { adapter: "rules", name: null }, progress: { done: 0, total: 0 } };
  return { ...base, ...work, usage, budget, error: null, created: AT, started: AT, finished: null, ...more };
}

export function output(id: string, more: Partial<Output> = {}): Output {
  const base = { id, run: "r1", agent: "robo", step: "t1", kind: "subtask" as const, title: "Count", content: "14", html: "<p>14</p>" };
  return { ...base, data: null, message: null, truncated: false, created: AT, ...more };
}

export function call(id: string, more: Partial<ToolCall> = {}): ToolCall {
  const base = { call: id, run: "r1", step: "t1", agent: "robo", tool_name: "search_cards", parameters: { query: "late" } };
  return { ...base, status: "completed", result: "[]", success: true, error: null, truncated: false, started: AT, finished: AT, ...more };
}

export function request(id: string, more: Partial<Request> = {}): Request {
  const base = { id, run: "r1", session: "s1", board: "b1", card: "c1", agent: "robo", title: "Delete #3", reason: "It is a copy", class: "unsafe" };
  const asked = { schema: null, hash: "h1", kind: "approval" as const, tool_name: "delete_card", parameters: { number: 3 }, choices: null };
  const state = { message: "Tool approval required", status: "open" as const, answered_by: null, note: "", expires: "2026-11-28T12:00:00Z" };
  return { ...base, ...asked, ...state, created: AT, ...more };
}

export function snapshot(more: Partial<SnapshotState> = {}): SnapshotState {
  return { session: session(), messages: [], runs: [], outputs: [], tool_calls: [], thoughts: [], requests: [], ...more };
}

let seq = 0;

/** An event at `second` after 12:00:00. */
export function event(type: string, data: Record<string, unknown>, second = 0, more: Partial<StreamEvent> = {}): StreamEvent {
  seq += 1;
  const timestamp = Date.parse(AT) / 1000 + second;
  return { type, seq, id: `e${seq}`, stream: "session:s1", timestamp, actor: ROBO, ref: null, data, ...more };
}

export const STEP = { run: "r1", agent: "robo", agent_id: "u9", step: "t1", subtask: "s1", attempt: 1 };
